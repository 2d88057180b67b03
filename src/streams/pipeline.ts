import { isDeepStrictEqual } from 'node:util';
import {
  distinctUntilChanged,
  firstValueFrom,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  tap,
} from 'rxjs';
import type { Compute } from '../compute/compute.js';
import type { PipelineEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import { ModelRegistry } from '../store/model-registry.js';
import type { StorePaths } from '../store/store-paths.js';
import { makeCacheToModel } from './cache-to-model.js';
import { Coordinator } from './coordinator/run-coordinator.js';
import {
  type FlowEvent,
  intakePauses,
  type Mode,
  type Outcome,
  predictionPauses,
  type Request,
  startState,
} from './coordinator/state.js';
import { considerTraining } from './effects/consider-training.js';
import { commandsTo, type Effect } from './effects/effect.js';
import { gauges } from './effects/gauges.js';
import { restoreFiles } from './effects/restore-files.js';
import { retry } from './effects/retry.js';
import { serveModel } from './effects/serve-model.js';
import { sweep } from './effects/sweep.js';
import { takeIn } from './effects/take-in.js';
import { tellEvents } from './effects/tell-events.js';
import { train } from './effects/train.js';
import { watchStore } from './effects/watch-store.js';
import { imagesToCache } from './images-to-cache.js';
import { scanFolder } from './intake/scan-folder.js';
import { watchFolder } from './intake/watch-folder.js';
import { modelToSubmission } from './model-to-submission.js';
import { type PipelineTiming, usualTiming } from './pipeline-timing.js';
import { Tally } from './tally.js';

export interface PipelineContext {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly paths: StorePaths;
  readonly compute: Compute;
  readonly mode: Mode;
  readonly timing?: Partial<PipelineTiming>;
}

export interface Pipeline {
  readonly events$: Observable<PipelineEvent>;
  readonly tally: Tally;
  /** Runs until there is nothing left to do (`once`), or until somebody asks to stop. */
  run(): Promise<Outcome>;
  /** Finishes what is in hand, saves what a training needs to go on, writes the CSV. */
  stop(): Promise<void>;
  pause(isPaused: boolean): void;
  trainNow(): void;
  predictAgain(): void;
  retryFailed(): void;
  /** Test images without a current prediction. */
  readonly pendingCount: number;
}

const effects: readonly Effect[] = [
  tellEvents,
  takeIn,
  considerTraining,
  train,
  serveModel,
  sweep,
  retry,
  restoreFiles,
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
  const events = new Subject<PipelineEvent>();
  const tally = new Tally();
  const stopping = new AbortController();
  const ended = new ReplaySubject<Outcome>(1);
  const emit = (event: PipelineEvent) => {
    tally.add(event);
    events.next(event);
  };

  const coordinator: Coordinator = new Coordinator(
    startState(mode, settings.retrain),
    timing,
    () => ({ mayHoldOrphans: catalog.mayHoldOrphans, isPredictionStuck: predictor.isStuck }),
  );
  const { state$, commands$ } = coordinator;
  const intake = imagesToCache({
    settings,
    catalog,
    paths,
    signals$: mode === 'once' ? scanFolder(settings.raw) : watchFolder(settings.raw, settings),
    reconcileEveryMs: mode === 'once' ? 0 : timing.reconcileEveryMs,
    paused$: state$.pipe(
      map((state) => intakePauses(state).length > 0),
      distinctUntilChanged(),
    ),
  });
  const registry = new ModelRegistry(paths.models);
  const cacheToModel = makeCacheToModel({
    catalog,
    compute,
    settings,
    registry,
    stopping: stopping.signal,
  });
  const predictor = modelToSubmission({
    settings,
    catalog,
    paths,
    compute,
    emit,
    pauses$: state$.pipe(
      map(predictionPauses),
      distinctUntilChanged((a, b) => isDeepStrictEqual(a, b)),
    ),
  });
  const flow = {
    registry,
    ...context,
    timing,
    state$,
    commands$,
    emit,
    tally,
    intake,
    predictor,
    cacheToModel,
  };

  const happens$: Observable<FlowEvent> = merge(
    ...effects.map((effect) => effect({ ...flow, stopTraining: () => stopping.abort() })),
    intake.changes$.pipe(
      tap((change) => predictor.take(change)),
      ignoreElements(),
    ),
    merge(intake.events$).pipe(tap(emit), ignoreElements()),
    intake.busy$.pipe(map((isBusy) => ({ type: 'intake', is: isBusy ? 'busy' : 'idle' }) as const)),
    predictor.busy$.pipe(
      map((isBusy) => ({ type: 'prediction', is: isBusy ? 'busy' : 'idle' }) as const),
    ),
    predictor.unreadable$.pipe(map((model) => ({ type: 'model-unreadable', ...model }) as const)),
    compute.health$.pipe(map((health) => ({ type: 'compute', health }) as const)),
    events.pipe(mergeMap(progressOf)),
  );

  const ask = (request: Request) => coordinator.take({ type: 'asked', for: request });
  return {
    events$: events.asObservable(),
    tally,
    async run() {
      const running = merge(happens$, of({ type: 'begun' } as const)).subscribe({
        next: (event) => coordinator.take(event),
        // A bug: nothing that a file or a person does ends here.
        error: (error) => ended.error(error),
      });
      running.add(commandsTo(commands$, 'end').subscribe(({ outcome }) => ended.next(outcome)));
      return await firstValueFrom(ended).finally(() => running.unsubscribe());
    },
    async stop() {
      ask('stop');
      await firstValueFrom(ended);
    },
    pause: (isPaused) => ask(isPaused ? 'pause' : 'resume'),
    trainNow: () => ask('training'),
    predictAgain: () => ask('prediction'),
    retryFailed: () => intake.retryFailed(),
    get pendingCount() {
      return predictor.pendingCount;
    },
  };
}

/** What shows that whatever had failed works again. */
function progressOf({ type }: PipelineEvent): FlowEvent[] {
  if (type === 'train.epoch') return [{ type: 'progress', of: 'training' }];
  return type === 'item.predicted' ? [{ type: 'progress', of: 'prediction' }] : [];
}
