import { type EvaluationDone, evaluateBySubject } from '../streams/evaluation/evaluate.js';
import { evaluationTable } from '../ui/tables/evaluation-table.js';
import { version } from '../version.js';
import { type Command, computeKeys, folderKeys, logKeys, trainingKeys } from './command.js';
import { runFlow } from './run-flow.js';
import { scoreAgainst } from './score-against.js';

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'cross-validate by subject on the cache, print the metrics; goes on where it stopped',
  details: `With --against nothing is trained: a submission is scored against true rows, on the original grid.
It exits with 1 when a true row has no answer that can be read.`,
  options: [
    ...folderKeys,
    ...computeKeys,
    ...trainingKeys,
    'seeds',
    'promote',
    'against',
    'submission',
    'imageSize',
    ...logKeys,
  ],
  async run(settings) {
    if (settings.against !== null) return await scoreAgainst(settings, settings.against);
    let result: EvaluationDone | null = null;
    const code = await runFlow(
      settings,
      { command: 'evaluate', needsCompute: true, needsRaw: true },
      async ({ store, compute, emit, stopping }) => {
        stopping.addEventListener('abort', () => void compute.interrupt());
        const outcome = await evaluateBySubject({
          settings,
          store,
          compute,
          emit,
          version,
          stopping,
        });
        if (outcome.state === 'done') result = outcome.result;
        return outcome.state;
      },
    );
    // The dashboard is gone by now.
    if (result !== null && !settings.json) process.stdout.write(`\n${evaluationTable(result)}`);
    return code;
  },
};
