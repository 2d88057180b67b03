import type { Settings } from '../settings/options.js';
import { type EvaluationDone, evaluateBySubject } from '../streams/evaluation/evaluate.js';
import { evaluationTable } from '../ui/tables/evaluation-table.js';
import { version } from '../version.js';
import type { ExitCode } from './exit-code.js';
import { runFlow } from './run-flow.js';
import { scoreAgainst } from './score-against.js';

export async function evaluate(settings: Settings): Promise<ExitCode> {
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
}
