import type { Settings } from '../settings/options.js';
import { predictOnce } from '../streams/prediction/predict-once.js';
import type { ExitCode } from './exit-code.js';
import { serveImported } from './imported-weights.js';
import { runFlow } from './run-flow.js';

export async function predict(settings: Settings): Promise<ExitCode> {
  return await runFlow(
    settings,
    { command: 'predict', needsCompute: true, needsRaw: false },
    async ({ store, compute, emit, stopping }) => {
      const { catalog, paths } = store;
      const { model } = settings;
      if (model !== null && !(await serveImported(model, settings, store, emit))) return 'failed';
      const outcome = await predictOnce({ settings, catalog, paths, compute, emit }, stopping);
      if (outcome !== 'no-model') return outcome;
      const message = `${paths.root} has no model for this --size. Run nerveflow train first.`;
      emit({ type: 'notice', level: 'error', code: 'NO_MODEL', message });
      return 'failed';
    },
  );
}
