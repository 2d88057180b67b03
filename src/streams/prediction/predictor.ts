import { setImmediate } from 'node:timers/promises';
import { BehaviorSubject, Subject } from 'rxjs';
import { ComputeFailure } from '../../compute/compute.js';
import type { PipelineEvent, PredictReason, StageLoad } from '../../events.js';
import type { SampleRecord } from '../../store/records.js';
import { type LoadedModel, type ServedModel, servingKey, staleReason } from '../staleness.js';
import { TimeSlice } from '../time-slice.js';
import { MaskKeeper } from './mask-keeper.js';
import { priorInUse } from './model-prior.js';
import { type PredictOptions, predictBatch, type StaleSample } from './predict-batch.js';
import { SubmissionKeeper } from './submission-keeper.js';

export interface PredictorOptions extends PredictOptions {
  readonly batchSize: number;
  readonly submissionPath: string;
  /** Samples cached at other settings wait until they have been taken in again. */
  readonly preprocessing: string;
}

/**
 * What predictions may have to wait for: `model` for another one than the served one, which cannot
 * be read; `refused` for the next `considerAll`, after an attempt failed.
 */
export type PredictionHold = 'training' | 'compute' | 'model' | 'refused' | 'stopping';

/** How every test image is looked at. */
interface Look {
  /** Those without a row, then those whose row is oldest, are to be predicted first. */
  readonly oldestFirst: boolean;
  /** All are predicted, stale or not. */
  readonly isRequest: boolean;
}

/** While one batch is in the compute process, the masks of the one before are being written. */
const batchesAtOnce = 2;

/**
 * Keeps the prediction of every test image current, and submission.csv with it. What has to be
 * done is a set of ids, so the newest state of an image is the only one that is ever computed.
 */
export class Predictor {
  private readonly events = new Subject<PipelineEvent>();
  readonly events$ = this.events.asObservable();
  private readonly unreadable = new Subject<{ readonly folder: string; readonly why: string }>();
  /** The served model cannot be loaded: nothing is predicted before another one serves. */
  readonly unreadable$ = this.unreadable.asObservable();
  /** True from the first stale image until submission.csv holds the last one. */
  readonly busy$ = new BehaviorSubject(false);

  private readonly pending = new Map<string, PredictReason>();
  private readonly inFlight = new Set<StaleSample>();
  /** Nothing is predicted until it is done: it decides what comes first. */
  private looking: { readonly look: Look; readonly work: Generator<void> } | null = null;
  private served: ServedModel | null = null;
  /** The last that was read. */
  private loaded: { readonly served: ServedModel; readonly model: LoadedModel } | null = null;
  private readonly submission: SubmissionKeeper;
  private readonly masks: MaskKeeper;
  private readonly holds = new Set<PredictionHold>();
  /** What was last said of an image that could not be predicted; not said again while it is true. */
  private readonly told = new Map<string, string>();

  constructor(private readonly options: PredictorOptions) {
    const { catalog, submissionPath, masksFolder } = options;
    this.masks = new MaskKeeper(catalog, masksFolder, (event) => this.events.next(event));
    this.submission = new SubmissionKeeper(catalog, submissionPath, (event) =>
      this.events.next(event),
    );
  }

  get load(): StageLoad {
    return { queued: this.pending.size, inFlight: this.inFlight.size, waiting: 0 };
  }

  /** Test images without a current prediction. */
  get pendingCount(): number {
    if (this.served !== null) return this.pending.size + this.inFlight.size;
    const { samples, predictions } = this.options.catalog;
    let missing = 0;
    for (const id of samples.idsOf('test')) if (!predictions.has(id)) missing++;
    return missing;
  }

  get isServing(): boolean {
    return this.served !== null;
  }

  /** Something is stale and cannot be brought up to date. */
  get isStuck(): boolean {
    const isBlocked = (['compute', 'model', 'refused'] as const).some((why) => this.holds.has(why));
    return (isBlocked && this.pending.size > 0) || this.submission.isBehind;
  }

  /** From now on this model predicts; whatever another one predicted is stale. */
  serve(model: ServedModel): void {
    // Without a model, no rows were nothing to write; now they are an empty submission.
    if (this.served === null) this.submission.rowsChanged();
    this.served = model;
    this.holds.delete('model');
    this.look({ oldestFirst: true });
  }

  /** A test sample came or changed. */
  consider(id: string): void {
    this.add(id);
    this.wake();
  }

  /** A test sample went away; its row goes with the next submission.csv. */
  forget(id: string): void {
    this.pending.delete(id);
    this.told.delete(id);
    this.submission.rowsChanged();
    this.wake();
  }

  /** Looks at every test sample, and tries again what could not be done. */
  considerAll(): void {
    this.look({});
  }

  /** Brings back what somebody has deleted or changed of what is kept for them in the store. */
  async restoreFiles(): Promise<void> {
    if (this.busy$.value) return;
    if (await this.submission.isDisturbed()) this.submission.rowsChanged();
    await this.masks.look();
    if (!this.holds.has('stopping')) this.wake();
  }

  /** Predicts everything once more, stale or not. */
  predictAgain(): void {
    if (this.served !== null) this.look({ isRequest: true });
  }

  /** Another look than the one under way takes its place, and does what that was to do as well. */
  private look({ oldestFirst = false, isRequest = false }: Partial<Look>): void {
    this.holds.delete('refused');
    this.submission.retry();
    this.options.catalog.departed.clear();
    const look = {
      oldestFirst: oldestFirst || this.looking?.look.oldestFirst === true,
      isRequest: isRequest || this.looking?.look.isRequest === true,
    };
    this.looking = { look, work: this.lookAtAll(look) };
    // Mostly that is all of it.
    this.lookOn();
    this.wake();
  }

  /** A slice of the look under way: a folder may hold 100,000 images. */
  private lookOn(): void {
    const slice = new TimeSlice();
    while (this.looking !== null && !slice.isOver) {
      if (this.looking.work.next().done) this.looking = null;
    }
  }

  private *lookAtAll({ oldestFirst, isRequest }: Look): Generator<void> {
    const ids = this.options.catalog.samples.idsOf('test');
    for (const id of oldestFirst ? yield* this.sortedByAge(ids) : ids) {
      const wasRequested = this.pending.get(id) === 'requested';
      // To the end of the queue, that is behind all that are older.
      if (oldestFirst) this.pending.delete(id);
      if (isRequest || wasRequested) this.request(id);
      else this.add(id);
      yield;
    }
  }

  /** Images without a row, then the rows that have stood for longest. */
  private *sortedByAge(ids: Iterable<string>): Generator<void, Iterable<string>> {
    const { predictions } = this.options.catalog;
    const byTime = new Map<number, string[]>();
    for (const id of ids) {
      const since = predictions.predictedAtOf(id) ?? 0;
      const alike = byTime.get(since);
      if (alike === undefined) byTime.set(since, [id]);
      else alike.push(id);
      yield;
    }
    const times = Float64Array.from(byTime.keys()).sort();
    return (function* () {
      for (const time of times) yield* byTime.get(time)!;
    })();
  }

  /** Nothing new starts while there is a reason to wait. */
  hold(reason: PredictionHold, isHeld: boolean): void {
    if (isHeld) this.holds.add(reason);
    else if (this.holds.delete(reason)) this.wake();
  }

  wake(): void {
    if (this.busy$.value) return;
    const isLooking = this.looking !== null;
    if (!this.canPredict() && !isLooking && !this.submission.isWanted && !this.masks.areDisturbed) {
      return;
    }
    this.busy$.next(true);
    void this.work();
  }

  private canPredict(): boolean {
    if (this.served === null || this.looking !== null) return false;
    return this.holds.size === 0 && this.pending.size > 0;
  }

  private add(id: string): void {
    const { samples, predictions } = this.options.catalog;
    const sample = samples.get(`test/${id}`);
    if (sample === undefined || this.served === null) return;
    if (sample.preprocessing !== this.options.preprocessing) return;
    if (this.pending.get(id) === 'requested') return;
    const reason = staleReason(sample, predictions.get(id), this.served);
    if (reason === null || this.isInFlight(sample, this.served)) this.pending.delete(id);
    else this.pending.set(id, reason);
  }

  private request(id: string): void {
    const sample = this.options.catalog.samples.get(`test/${id}`);
    if (sample?.preprocessing === this.options.preprocessing) this.pending.set(id, 'requested');
  }

  private isInFlight(sample: SampleRecord, served: ServedModel): boolean {
    const servedBy = servingKey(served);
    for (const item of this.inFlight) {
      if (item.sample.id !== sample.id || item.servedBy !== servedBy) continue;
      if (this.options.catalog.samples.holds(item.sample)) return true;
    }
    return false;
  }

  private async work(): Promise<void> {
    do {
      await this.masks.restore();
      await this.lookToEnd();
      if (this.served !== null && this.canPredict()) await this.predictWith(this.served);
      // Not between two batches of a backlog that only a look has parted.
      if (this.looking === null) await this.submission.bringUpToDate(this.isServing);
      await this.masks.remember();
      // Asked last: whatever came until now found it busy, and would wait for the next look.
    } while (this.canPredict() || this.looking !== null || this.submission.isWanted);
    this.busy$.next(false);
  }

  private async lookToEnd(): Promise<void> {
    while (this.looking !== null) {
      // The next start looks at everything anyway.
      if (this.holds.has('stopping')) this.looking = null;
      await setImmediate();
      this.lookOn();
    }
  }

  /** Until nothing is stale, or another model serves: no batch is in flight between two models. */
  private async predictWith(served: ServedModel): Promise<void> {
    let loaded: LoadedModel;
    try {
      await this.options.compute.serve(served.folder);
      loaded = await this.withPrior(served);
    } catch (error) {
      this.stopOn(error as Error, served);
      return;
    }
    const workers = Array.from({ length: batchesAtOnce }, () =>
      this.predictWhatIsStale(served, loaded),
    );
    await Promise.all(workers);
  }

  private async withPrior(served: ServedModel): Promise<LoadedModel> {
    if (this.loaded?.served !== served) {
      const prior = await priorInUse(served.folder, served.postProcessing);
      this.loaded = { served, model: { ...served, prior } };
    }
    return this.loaded.model;
  }

  private async predictWhatIsStale(served: ServedModel, loaded: LoadedModel): Promise<void> {
    while (this.canPredict() && this.served === served) {
      const batch = this.takeBatch(served);
      for (const item of batch) this.inFlight.add(item);
      try {
        const { events, refused } = await predictBatch(batch, loaded, this.options);
        for (const item of batch) this.inFlight.delete(item);
        if (events.some(({ type }) => type === 'item.predicted')) this.submission.rowsChanged();
        this.putBack(refused);
        if (refused.length > 0) this.holds.add('refused');
        for (const event of events) this.tell(event);
      } catch (error) {
        for (const item of batch) this.inFlight.delete(item);
        this.putBack(batch);
        this.stopOn(error as Error, served);
      }
      if (this.submission.isDue) await this.submission.bringUpToDate(this.isServing);
    }
  }

  private putBack(batch: readonly StaleSample[]): void {
    const { samples } = this.options.catalog;
    for (const { sample, reason } of batch) {
      const { id } = sample;
      if (samples.has(`test/${id}`) && !this.pending.has(id)) this.pending.set(id, reason);
    }
  }

  private tell(event: PipelineEvent): void {
    if (event.type === 'item.predicted') this.told.delete(event.id);
    if (event.type === 'item.failed') {
      const id = event.path.slice('test/'.length);
      if (this.told.get(id) === event.code) return;
      this.told.set(id, event.code);
    }
    this.events.next(event);
  }

  /** A whole batch failed: the model cannot be read, the compute process went away, or the like. */
  private stopOn(error: Error, served: ServedModel): void {
    const { code } = error as { code?: string };
    const isModel = error instanceof ComputeFailure && code === 'MODEL_UNREADABLE';
    // Another one serves already.
    if (isModel && this.served !== served) return;
    const hold: PredictionHold = isModel ? 'model' : 'refused';
    if (this.holds.has(hold) || this.holds.has('compute')) return;
    this.holds.add(hold);
    if (isModel) {
      this.unreadable.next({ folder: served.folder, why: error.message });
      return;
    }
    this.events.next({
      type: 'notice',
      level: 'error',
      code: code ?? 'PREDICTION_FAILED',
      message: `Prediction stopped: ${error.message}`,
    });
  }

  private takeBatch(served: ServedModel): StaleSample[] {
    const { samples, predictions } = this.options.catalog;
    const batch: StaleSample[] = [];
    const servedBy = servingKey(served);
    for (const [id, asked] of this.pending) {
      this.pending.delete(id);
      const sample = samples.get(`test/${id}`);
      if (sample === undefined) continue;
      // Judged now: since it was asked for, an older model may have predicted it.
      const reason =
        asked === 'requested' ? asked : staleReason(sample, predictions.get(id), served);
      if (reason !== null) batch.push({ sample, reason, servedBy });
      if (batch.length === this.options.batchSize) break;
    }
    return batch;
  }
}
