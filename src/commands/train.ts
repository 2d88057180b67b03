import { lastValueFrom } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { ModelRegistry } from '../store/model-registry.js';
import {
  makeCacheToModel,
  type TrainingContext,
  type TrainingOutcome,
} from '../streams/cache-to-model.js';
import { ModelChanges } from '../streams/model-changes.js';
import { leastPairs } from '../streams/training/when-to-train.js';
import type { ExitCode } from './exit-code.js';
import { importedStart } from './imported-weights.js';
import { runFlow } from './run-flow.js';
import { repetitionOf, tellWhetherSame } from './train-like.js';

export async function train(asked: Settings): Promise<ExitCode> {
  return await runFlow(
    asked,
    { command: 'train', needsCompute: true, needsRaw: false, servesMetrics: true },
    async ({ store, compute, stopping, offer, ...flow }) => {
      const { catalog, paths } = store;
      const registry = new ModelRegistry(paths.models);
      const modelChanges = new ModelChanges(registry, null, flow.emit);
      offer({ changeModel: (request) => modelChanges.ask(request) });
      const emit = (event: PipelineEvent) => {
        modelChanges.hear(event);
        flow.emit(event);
      };
      const startFrom = await importedStart(asked, store, emit);
      if (startFrom === 'none') return 'failed';
      const repetition = await repetitionOf(asked, catalog, paths.models, emit);
      if (repetition === 'none') return 'failed';
      const settings = { ...asked, ...repetition?.settings };
      const context = { catalog, compute, settings, registry, stopping };
      const start = { ...(repetition && { repetition }), ...(startFrom && { startFrom }) };
      const outcome = await trainOnce({ ...context, emit, ...start });
      switch (outcome.type) {
        case 'interrupted':
        case 'failed':
          return outcome.type;
        case 'not-due': {
          const message = `The cache of ${paths.root} holds too few pairs to train on; at least ${leastPairs} are needed. Run nerveflow ingest first; nerveflow layout tells what each file would be.`;
          emit({ type: 'notice', level: 'error', code: 'TOO_FEW_PAIRS', message });
          return 'failed';
        }
        case 'trained':
          if (repetition !== null) tellWhetherSame(repetition.model, outcome.model, emit);
          return 'done';
      }
    },
  );
}

/** Trains on what is in the cache now, whether or not that is due. */
async function trainOnce(context: TrainingContext): Promise<TrainingOutcome> {
  const last = await lastValueFrom(makeCacheToModel(context)({ isRequested: true }));
  if (last.type !== 'ended') throw new Error('a training ended without an outcome');
  return last.outcome;
}
