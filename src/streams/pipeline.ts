import { firstValueFrom, map, merge, of, ReplaySubject, Subject } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import { ModelRegistry } from '../store/model-registry.js';
import { makeCacheToModel } from './cache-to-model.js';
import { Coordinator } from './coordinator/run-coordinator.js';
import {
  isIntakePaused,
  type Outcome,
  predictionPauses,
  type Request,
  startState,
} from './coordinator/state.js';
import { commandsTo, type Effect, type Flow } from './effects/effect.js';
import { feedPrediction } from './effects/feed-prediction.js';
import { keepExports } from './effects/keep-exports.js';
import { keepFilesRestored, watchStore } from './effects/look-after-store.js';
import { retry } from './effects/retry.js';
import { serveModel } from './effects/serve-model.js';
import { sweep } from './effects/sweep.js';
import { takeIn } from './effects/take-in.js';
import { gauges, tellEvents } from './effects/tell-events.js';
import { trainOnCommand } from './effects/train-on-command.js';
import { watchPairs } from './effects/watch-pairs.js';
import { ExportKeeper } from './exports/export-keeper.js';
import { imagesToCache } from './images-to-cache.js';
import { scanFolder } from './intake/scan-folder.js';
import { watchFolder } from './intake/watch-folder.js';
import { ModelChanges } from './model-changes.js';
import { modelToSubmission } from './model-to-submission.js';
import { type Pipeline, type PipelineContext, usualTiming } from './pipeline-context.js';
import { Tally } from './tally.js';

/** In the order in which they hear of a command. */
const effects: readonly Effect[] = [
  tellEvents,
  takeIn,
  watchPairs,
  trainOnCommand,
  serveModel,
  feedPrediction,
  sweep,
  retry,
  keepExports,
  keepFilesRestored,
  watchStore,
  gauges,
];

/**
 * The whole flow, joined:
 *
 *     images-to-cache ──samples──> cache-to-model ──models──> model-to-submission
 *            └──────────────────────samples──────────────────────────^
 *
 * The pages know nothing of each other. What happens on them goes to the coordinator, which alone
 * decides who waits for whom; effects carry out what it commands.
 */
export function makePipeline(context: PipelineContext): Pipeline {
  const { settings, catalog, paths, compute, mode } = context;
  const timing = { ...usualTiming, ...context.timing };
  const events$ = new Subject<PipelineEvent>();
  const tally = new Tally();
  const emit = (event: PipelineEvent) => {
    tally.add(event);
    modelChanges.hear(event);
    events$.next(event);
  };
  const coordinator: Coordinator = new Coordinator(
    startState(mode, settings.retrain),
    timing,
    () => ({ mayHoldOrphans: catalog.mayHoldOrphans, isPredictionStuck: predictor.isStuck }),
  );
  const registry = new ModelRegistry(paths.models);
  const modelChanges = new ModelChanges(registry, settings.size, emit, (model) =>
    coordinator.take({ type: 'model-used', model }),
  );
  const stopping = new AbortController();

  const parts = { settings, catalog, paths, compute, emit };
  const intake = imagesToCache({
    ...parts,
    signals$:
      mode === 'once'
        ? scanFolder(settings.raw, settings.layout)
        : watchFolder(settings.raw, settings, settings.layout),
    reconcileEveryMs: mode === 'once' ? 0 : timing.reconcileEveryMs,
    paused$: coordinator.watch(isIntakePaused),
  });
  const cacheToModel = makeCacheToModel({ ...parts, registry, stopping: stopping.signal });
  const predictor = modelToSubmission({ ...parts, pauses$: coordinator.watch(predictionPauses) });

  const exports = new ExportKeeper({ ...parts, registry, stopping: stopping.signal });

  const { state$, commands$ } = coordinator;
  const made = { intake, cacheToModel, predictor, registry, stopping, exports };
  const flow: Flow = { ...parts, ...made, timing, state$, commands$, events$, tally };
  const ended = new ReplaySubject<Outcome>(1);
  const ask = (request: Request) => coordinator.take({ type: 'asked', for: request });

  return {
    events$: events$.asObservable(),
    tally,
    async run() {
      const happens$ = merge(
        ...effects.map((effect) => effect(flow)),
        of({ type: 'begun' } as const),
      );
      const running = commandsTo(commands$, 'end')
        .pipe(map(({ outcome }) => outcome))
        .subscribe(ended);
      running.add(
        happens$.subscribe({
          next: (event) => coordinator.take(event),
          // A bug: nothing that a file or a person does ends here.
          error: (error) => ended.error(error),
        }),
      );
      try {
        return await firstValueFrom(ended);
      } finally {
        running.unsubscribe();
        await exports.settled();
      }
    },
    async stop() {
      ask('stop');
      await firstValueFrom(ended);
    },
    pause: (isPaused) => ask(isPaused ? 'pause' : 'resume'),
    trainNow: () => ask('training'),
    predictAgain: () => ask('prediction'),
    retryFailed: () => intake.retryFailed(),
    changeModel: (request) => modelChanges.ask(request),
    get pendingCount() {
      return predictor.pendingCount;
    },
  };
}
