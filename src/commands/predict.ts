import type { Settings } from '../settings/options.js';
import { predictOnce } from '../streams/prediction/predict-once.js';
import type { ExitCode } from './exit-code.js';
import { runFlow } from './run-flow.js';

export async function predict(settings: Settings): Promise<ExitCode> {
  return await runFlow(
    settings,
    { command: 'predict', needsCompute: true, needsRaw: false },
    async ({ store: { catalog, paths }, compute, emit, stopping }) => {
      const outcome = await predictOnce({ settings, catalog, paths, compute, emit }, stopping);
      if (outcome !== 'no-model') return outcome;
      const message = `${paths.root} has no model for this --size. Run nerveflow train first.`;
      emit({ type: 'notice', level: 'error', code: 'NO_MODEL', message });
      return 'failed';
    },
  );
}
