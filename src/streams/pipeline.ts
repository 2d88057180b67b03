import {
  BehaviorSubject,
  combineLatest,
  concat,
  debounceTime,
  distinctUntilChanged,
  exhaustMap,
  filter,
  first,
  firstValueFrom,
  lastValueFrom,
  map,
  merge,
  type Observable,
  Subject,
  Subscription,
  skip,
  startWith,
  tap,
  timer,
} from 'rxjs';
import type { Compute, ComputeHealth } from '../compute/compute.js';
import type { PipelineEvent } from '../events.js';
import { changedParts } from '../settings/config-reload.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import type { BestModel } from '../store/checkpoints.js';
import type { SampleRecord } from '../store/records.js';
import type { StorePaths } from '../store/store-paths.js';
import { Backoff } from './backoff.js';
import {
  type CacheToModel,
  makeCacheToModel,
  type TrainingOutcome,
  type TrainingRequest,
  type TrainingSignal,
} from './cache-to-model.js';
import { computeEvent } from './compute-events.js';
import { findCurrentModel } from './find-current-model.js';
import { type ImagesToCache, imagesToCache } from './images-to-cache.js';
import type { SampleChange } from './intake/sample-assembly.js';
import { scanFolder } from './intake/scan-folder.js';
import { watchFolder } from './intake/watch-folder.js';
import { makePredictor, servedModel } from './prediction/make-predictor.js';
import type { Predictor } from './prediction/predictor.js';
import { sweepPixels } from './sweep.js';
import { Tally } from './tally.js';
import { leastPairs } from './training/decide-training.js';
import { ModelRegistry } from './training/model-registry.js';
import { whenQuiet } from './when-quiet.js';

export interface PipelineOptions {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly paths: StorePaths;
  readonly compute: Compute;
  /** `once` ends when nothing is left to do; `watch` never does. */
  readonly mode: 'watch' | 'once';
  /** Tests do not wait. */
  readonly timing?: Partial<PipelineTiming>;
}

export interface PipelineTiming {
  /** Looking for what the watcher missed, and trying again what was refused. */
  readonly reconcileEveryMs: number;
  readonly stagesEveryMs: number;
  /** Looking whether submission.csv and the masks are still as they were left. */
  readonly storeCheckEveryMs: number;
  /** No pair must have changed for this long before a first training; later: `--retrain-quiet`. */
  readonly quietBeforeFirstTrainingMs: number;
  /**
   * A compute process that was given up, or a training that failed for want of one or of room, is
   * tried again after the first of these, then after twice that, at last every so often.
   */
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
}

type IntakePause = 'person' | 'sweep' | 'stopping';

const usualTiming: PipelineTiming = {
  reconcileEveryMs: 30_000,
  stagesEveryMs: 250,
  storeCheckEveryMs: 1000,
  quietBeforeFirstTrainingMs: 3000,
  firstRetryMs: 5000,
  lastRetryMs: 5 * 60_000,
};

/**
 * The whole flow, joined:
 *
 *     intake ──samples──> trainer ──models──> predictor ──> submission.csv
 *        └─────────────────samples──────────────┘
 *
 * Each part knows nothing of the others; here alone is decided who waits for whom. `events$` is
 * the one stream that every logger reads.
 */
export class Pipeline {
  private readonly events = new Subject<PipelineEvent>();
  readonly events$ = this.events.asObservable();
  readonly tally = new Tally();

  private readonly timing: PipelineTiming;
  private readonly intake: ImagesToCache;
  /** Why nothing new is taken in. */
  private readonly intakePauses$ = new BehaviorSubject<ReadonlySet<IntakePause>>(new Set());
  private readonly registry: ModelRegistry;
  private cacheToModel: CacheToModel;
  private readonly isTraining$ = new BehaviorSubject(false);
  /** Of the running training, from its start on: their pixels must stay. */
  private trainingSamples: readonly SampleRecord[] = [];
  private readonly stopping = new AbortController();
  private readonly predictor: Predictor;
  private readonly ended = new Subject<'done' | 'failed' | 'stopped'>();
  private readonly subscriptions: Subscription[] = [];
  /** Other settings for trainings to come. */
  private readonly otherTraining = new Subject<void>();
  private readonly trainNews = new Subject<void>();
  private hasTrainDataChanged = true;
  private isTrainingWanted = false;
  private hasDecidedOnce = false;
  private hasTrainingFailed = false;
  private isStopping = false;
  /** A process that was killed may have left pixels of nothing: looked for once, when all is done. */
  private isUnswept = true;
  /** While another model is looked for in place of one that cannot be loaded. */
  private readonly isFallingBack$ = new BehaviorSubject(false);
  private readonly computeBackoff: Backoff;
  private readonly trainingBackoff: Backoff;
  private readonly retries = new Subscription();
  private settings: Settings;
  private servedModel: Pick<BestModel, 'card' | 'folder'> | null = null;
  private isServingInterim = false;

  constructor(private readonly options: PipelineOptions) {
    this.settings = options.settings;
    const { settings, catalog, paths, compute, mode, timing } = options;
    this.timing = { ...usualTiming, ...timing };
    const { firstRetryMs, lastRetryMs } = this.timing;
    this.computeBackoff = new Backoff(firstRetryMs, lastRetryMs);
    this.trainingBackoff = new Backoff(firstRetryMs, lastRetryMs);
    this.intake = imagesToCache({
      settings,
      catalog,
      paths,
      paused$: this.intakePauses$.pipe(map((pauses) => pauses.size > 0)),
      signals$: mode === 'once' ? scanFolder(settings.raw) : watchFolder(settings.raw, settings),
      reconcileEveryMs: mode === 'once' ? 0 : this.timing.reconcileEveryMs,
    });
    this.registry = new ModelRegistry(paths.models);
    this.cacheToModel = this.makeTrainer();
    this.predictor = makePredictor(settings, catalog, paths, compute);
  }

  /** Runs until there is nothing left to do (`once`), or until `stop` (`watch`). */
  async run(): Promise<'done' | 'failed' | 'stopped'> {
    const outcome = firstValueFrom(this.ended);
    this.predictor.hold('training', true);
    try {
      this.connect();
      const standing = await this.currentModel();
      if (this.isStopping) return await outcome;
      if (standing !== null) {
        this.serve(standing, false);
        if (this.options.mode === 'watch') this.predictor.hold('training', false);
      }
      this.subscriptions.push(this.intake.run().subscribe({ error: (error) => this.crash(error) }));
      return await outcome;
    } finally {
      this.retries.unsubscribe();
      for (const subscription of this.subscriptions) subscription.unsubscribe();
    }
  }

  /** Finishes what is in hand, saves what training needs to go on, writes the CSV. */
  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    this.predictor.hold('stopping', true);
    this.pauseIntake('stopping', true);
    this.stopping.abort();
    const isIdle = (isBusy: boolean) => !isBusy;
    await firstValueFrom(this.isTraining$.pipe(filter(isIdle)));
    await firstValueFrom(this.predictor.busy$.pipe(filter(isIdle)));
    await this.intake.emptied();
    this.ended.next('stopped');
  }

  pause(isPaused: boolean): void {
    this.pauseIntake('person', isPaused);
    this.events.next({ type: 'paused', paused: isPaused });
  }

  trainNow(): void {
    if (this.settings.retrain === 'never') {
      const message = 'Nothing is trained with --retrain never; manual trains when asked.';
      this.events.next({ type: 'notice', level: 'warning', code: 'TRAINING_OFF', message });
      return;
    }
    void this.train({ isRequested: true });
  }

  predictAgain(): void {
    // Whoever asks wants another attempt, even of a compute process that had been given up.
    this.predictor.hold('compute', false);
    this.predictor.predictAgain();
  }

  retryFailed(): void {
    this.intake.retryFailed();
  }

  /** Test images without a current prediction. */
  get pendingCount(): number {
    return this.predictor.pendingCount;
  }

  /**
   * Goes on with other settings, as a start with them would: what they make stale is redone. Only
   * options with a `live` part may differ. A training that runs keeps its own.
   */
  use(settings: Settings): void {
    const parts = changedParts(this.settings, settings);
    this.settings = settings;
    if (parts.has('intake')) this.intake.use(settings);
    if (parts.has('prediction') && this.servedModel !== null)
      this.serve(this.servedModel, this.isServingInterim);
    if (parts.has('training')) {
      this.cacheToModel = this.makeTrainer();
      this.takeTrainNews();
      this.otherTraining.next();
    }
  }

  /** From now on this model predicts, with the post-processing that the settings ask for. */
  private serve(model: Pick<BestModel, 'card' | 'folder'>, isInterim: boolean): void {
    const { modelId, recipe, pairs, metrics, createdAt: trainedAt } = model.card;
    const isNews =
      this.servedModel?.card.modelId !== modelId || this.isServingInterim !== isInterim;
    this.servedModel = model;
    this.isServingInterim = isInterim;
    if (isNews) {
      const imageDice = metrics.validationImageDice;
      const serving = { modelId, recipe, pairs, imageDice, trainedAt, isInterim };
      this.events.next({ type: 'model.serving', ...serving });
    }
    this.predictor.serve(servedModel(model, this.settings));
  }

  private connect(): void {
    const { intake, predictor, isTraining$ } = this;
    const { compute, paths } = this.options;
    const { stagesEveryMs, reconcileEveryMs, storeCheckEveryMs } = this.timing;
    this.subscriptions.push(
      merge(intake.events$, predictor.events$).subscribe((event) => this.pass(event)),
      intake.changes$.subscribe((change) => this.takeChange(change)),
      predictor.unreadable$.subscribe(({ folder, why }) => void this.fallBack(folder, why)),
      compute.health$.subscribe((health) => this.takeHealth(health)),
      this.whenToConsiderTraining().subscribe(() => void this.train({ isRequested: false })),
      combineLatest([intake.busy$, isTraining$, predictor.busy$, this.isFallingBack$])
        .pipe(
          map((busy) => busy.every((isBusy) => !isBusy)),
          distinctUntilChanged(),
          // One turn of the loop: what became idle may be about to start the next part.
          debounceTime(0),
          filter((isQuiet) => isQuiet && this.hasDecidedOnce && !this.isStopping),
        )
        .subscribe(() => void this.caughtUp()),
      timer(stagesEveryMs, stagesEveryMs)
        .pipe(
          map(() => this.stages()),
          distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
        )
        .subscribe((event) => this.events.next(event)),
      // Not in the moment in which all files are compared.
      timer(1.5 * reconcileEveryMs, reconcileEveryMs).subscribe(() => predictor.considerAll()),
      timer(storeCheckEveryMs, storeCheckEveryMs)
        .pipe(exhaustMap(() => predictor.restoreFiles()))
        .subscribe(),
      timer(storeCheckEveryMs, storeCheckEveryMs)
        .pipe(
          exhaustMap(() => this.options.catalog.cache.isInPlace()),
          startWith(true),
          distinctUntilChanged(),
          skip(1),
        )
        .subscribe((isInPlace) => this.events.next(storeNotice(isInPlace, paths))),
    );
  }

  private takeChange(change: SampleChange): void {
    const isNews = change.type === 'removed' || change.reason !== 'cached';
    const split = change.type === 'removed' ? change.split : change.sample.split;
    if (split === 'train') {
      if (isNews) this.takeTrainNews();
      return;
    }
    if (change.type === 'removed') this.predictor.forget(change.id);
    else this.predictor.consider(change.sample.id);
  }

  private takeTrainNews(): void {
    this.hasTrainDataChanged = true;
    this.trainNews.next();
  }

  /**
   * At once after the first scan; later only when no pair has changed for a while. Test images do
   * not count: a scanner may bring one every few seconds, for weeks.
   */
  private whenToConsiderTraining(): Observable<unknown> {
    const isBusy$ = combineLatest([this.intake.busy$, this.isTraining$]).pipe(
      map((busy) => busy.includes(true)),
      distinctUntilChanged(),
    );
    const { quietBeforeFirstTrainingMs } = this.timing;
    const quietMs = () =>
      this.predictor.isServing ? 1000 * this.settings.retrainQuiet : quietBeforeFirstTrainingMs;
    return concat(
      isBusy$.pipe(first((isBusy) => !isBusy)),
      merge(
        whenQuiet(this.trainNews, this.isTraining$, quietMs).pipe(
          filter(() => this.hasTrainDataChanged),
        ),
        // Whoever changes settings has waited already; while files come in, all wait together.
        this.otherTraining.pipe(filter(() => !this.intake.busy$.value)),
      ).pipe(filter(() => !this.isStopping)),
    );
  }

  private async train(request: { isRequested: boolean }): Promise<void> {
    if (this.isTraining$.value) {
      // While it only decides whether to train, a person may not be left unheard.
      const isDeciding = this.trainingSamples.length === 0;
      if (request.isRequested && isDeciding) this.isTrainingWanted = true;
      return;
    }
    this.hasTrainDataChanged = false;
    this.isTrainingWanted = false;
    const { mode } = this.options;
    // A standing model predicts while its successor is trained, unless the run ends with that.
    if (mode === 'watch' && this.predictor.isServing) this.predictor.hold('training', false);
    const outcome = await this.trainNowIfDue(request);
    this.hasDecidedOnce = true;
    this.predictor.hold('training', false);
    if (this.isTrainingWanted && outcome.type === 'not-due') void this.train({ isRequested: true });
    const hasTooFew = outcome.type === 'not-due' && outcome.why === 'too-few-pairs';
    if (hasTooFew && !this.predictor.isServing) {
      this.events.next({
        type: 'notice',
        level: 'warning',
        code: 'TOO_FEW_PAIRS',
        message: `There are too few images with masks in train/ to train on; at least ${leastPairs} are needed`,
      });
    }
  }

  private async trainNowIfDue(request: TrainingRequest): Promise<TrainingOutcome> {
    this.isTraining$.next(true);
    const training$ = this.cacheToModel(request).pipe(tap((signal) => this.takeTraining(signal)));
    const last = await lastValueFrom(training$);
    this.trainingSamples = [];
    this.isTraining$.next(false);
    return last.type === 'ended' ? last.outcome : { type: 'interrupted' };
  }

  private takeTraining(signal: TrainingSignal): void {
    switch (signal.type) {
      case 'event':
        this.pass(signal.event);
        return;
      case 'started':
        this.trainingSamples = signal.samples;
        return;
      case 'model': {
        const { card, folder, isFinal } = signal;
        // The best so far of a first training predicts until that is done; later ones do not
        // replace a model that was trained to its end.
        if (!isFinal && (this.predictor.isServing || this.options.mode !== 'watch')) return;
        this.serve({ card, folder }, !isFinal);
        this.predictor.hold('training', false);
        return;
      }
      case 'ended':
        if (signal.outcome.type === 'failed') this.takeFailedTraining(signal.outcome);
        return;
    }
  }

  private makeTrainer(): CacheToModel {
    const { settings, registry } = this;
    const { catalog, compute } = this.options;
    const stopping = this.stopping.signal;
    return makeCacheToModel({ catalog, compute, settings, registry, stopping });
  }

  private async currentModel() {
    return await findCurrentModel(this.registry, this.settings, (event) => this.pass(event));
  }

  private pass(event: PipelineEvent): void {
    this.tally.add(event);
    this.events.next(event);
    if (event.type === 'train.epoch') this.trainingBackoff.succeeded();
    if (event.type === 'train.epoch' || event.type === 'item.predicted') {
      this.computeBackoff.succeeded();
    }
  }

  private async caughtUp(): Promise<void> {
    const { mode } = this.options;
    if (this.options.catalog.mayHoldOrphans) await this.sweep();
    // What arrived meanwhile has a burst of its own.
    if (!this.isQuiet || this.isStopping) return;
    if (this.tally.takeNews()) {
      this.events.next(this.tally.caughtUp(this.predictor.pendingCount, mode === 'watch'));
    }
    if (this.isUnswept) await this.sweep();
    if (mode === 'once') {
      this.ended.next(this.predictor.isStuck || this.hasTrainingFailed ? 'failed' : 'done');
    }
  }

  private get isQuiet(): boolean {
    const { intake, isTraining$, predictor, isFallingBack$ } = this;
    return [intake.busy$, isTraining$, predictor.busy$, isFallingBack$].every(
      ({ value }) => !value,
    );
  }

  private async sweep(): Promise<void> {
    const { catalog } = this.options;
    catalog.mayHoldOrphans = false;
    this.isUnswept = false;
    this.pauseIntake('sweep', true);
    try {
      await sweepPixels(catalog, this.trainingSamples);
    } catch {
      // The store refuses, or is being closed: what is left over only takes up room.
      catalog.mayHoldOrphans = true;
    } finally {
      this.pauseIntake('sweep', false);
    }
  }

  private takeHealth(health: ComputeHealth): void {
    switch (health.state) {
      case 'starting':
      case 'memory':
        break;
      case 'ready':
        this.predictor.hold('compute', false);
        break;
      case 'restarting':
      case 'failed':
        this.predictor.hold('compute', true);
        break;
    }
    this.events.next(computeEvent(health));
    if (health.state !== 'failed') return;
    if (this.options.mode === 'once') this.ended.next('failed');
    else this.retryCompute();
  }

  /** Given up for now: who leaves the program running for weeks wants it to try again. */
  private retryCompute(): void {
    const waitMs = this.computeBackoff.next();
    this.later(waitMs, () => {
      this.options.compute.start().catch(() => {
        // Its health tells.
      });
    });
    const message = `The compute process is started again in ${inWords(waitMs)}.`;
    this.events.next({ type: 'notice', level: 'warning', code: 'COMPUTE_RETRY', message });
  }

  private takeFailedTraining({ isTransient }: { readonly isTransient: boolean }): void {
    this.hasTrainingFailed = true;
    if (this.options.mode === 'once' || !isTransient) return;
    const waitMs = this.trainingBackoff.next();
    this.later(waitMs, () => void this.train({ isRequested: false }));
    const message = `The training is tried again in ${inWords(waitMs)}.`;
    this.events.next({ type: 'notice', level: 'warning', code: 'TRAINING_RETRY', message });
  }

  private later(ms: number, work: () => void): void {
    this.retries.add(
      timer(ms)
        .pipe(filter(() => !this.isStopping))
        .subscribe(work),
    );
  }

  /** The model that serves cannot be loaded: the one before it predicts, or a new one is trained. */
  private async fallBack(folder: string, why: string): Promise<void> {
    this.isFallingBack$.next(true);
    try {
      this.registry.markUnusable(folder, why);
      const standing = await this.currentModel();
      if (standing !== null) this.serve(standing, false);
      else void this.train({ isRequested: false });
    } finally {
      this.isFallingBack$.next(false);
    }
  }

  private pauseIntake(pause: IntakePause, isPaused: boolean): void {
    const pauses = new Set(this.intakePauses$.value);
    if (isPaused) pauses.add(pause);
    else pauses.delete(pause);
    this.intakePauses$.next(pauses);
  }

  private stages(): PipelineEvent {
    return {
      type: 'stages',
      stages: { ...this.intake.loads, predict: this.predictor.load },
      ignored: this.intake.ignored,
    };
  }

  /** A bug: nothing that a file or a person does ends here. */
  private crash(error: unknown): void {
    this.ended.error(error);
  }
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function storeNotice(isInPlace: boolean, { cache }: StorePaths): PipelineEvent {
  if (isInPlace) {
    return { type: 'notice', level: 'info', code: 'STORE_BACK', message: `${cache} is back` };
  }
  const message =
    `${cache} was removed or moved while it is in use: what is done from now on is lost when the ` +
    'program ends. Bring it back, or stop and start: it is filled again from raw/';
  return { type: 'notice', level: 'error', code: 'STORE_GONE', message };
}
