import { BehaviorSubject, Subject } from 'rxjs';
import type { PipelineEvent, PredictReason, StageLoad } from '../events.js';
import { formatSubmission, writeSubmission } from '../store/submission.js';
import { storeFailure } from './ingest-file.js';
import { type PredictOptions, predictBatch, type StaleSample } from './predict-batch.js';
import { type ServedModel, staleReason } from './staleness.js';

export interface PredictorOptions extends PredictOptions {
  readonly batchSize: number;
  readonly submissionPath: string;
  /** Samples cached at other settings wait until they have been taken in again. */
  readonly preprocessing: string;
}

/** What predictions may have to wait for. */
export type PredictionHold = 'training' | 'compute' | 'stopping';

/** While one batch is in the compute process, the masks of the one before are being written. */
const BATCHES_AT_ONCE = 2;
/** During a long backlog submission.csv is brought up to date this often. */
const SUBMISSION_INTERVAL_MS = 5000;

/**
 * Keeps the prediction of every test image current, and submission.csv with it. What has to be
 * done is a set of ids, so the newest state of an image is the only one that is ever computed.
 */
export class Predictor {
  private readonly events = new Subject<PipelineEvent>();
  readonly events$ = this.events.asObservable();
  /** True from the first stale image until submission.csv holds the last one. */
  readonly busy$ = new BehaviorSubject(false);

  private readonly pending = new Map<string, PredictReason>();
  private inFlight = 0;
  private served: ServedModel | null = null;
  private submissionIsStale = true;
  private submissionWrittenAt = 0;
  private readonly holds = new Set<PredictionHold>();

  constructor(private readonly options: PredictorOptions) {}

  get load(): StageLoad {
    return { queued: this.pending.size, inFlight: this.inFlight, waiting: 0 };
  }

  /** Test images without a current prediction. */
  get pendingCount(): number {
    if (this.served !== null) return this.pending.size + this.inFlight;
    const { samples, predictions } = this.options.catalog;
    let missing = 0;
    for (const { split, id } of samples.values()) {
      if (split === 'test' && !predictions.has(id)) missing++;
    }
    return missing;
  }

  get isServing(): boolean {
    return this.served !== null;
  }

  /** Something is stale and the compute process cannot be had. */
  get isStuck(): boolean {
    return this.holds.has('compute') && this.pending.size > 0;
  }

  /** From now on this model predicts; whatever another one predicted is stale. */
  serve(model: ServedModel): void {
    this.served = model;
    this.considerAll();
  }

  /** A test sample came or changed. */
  consider(id: string): void {
    this.add(id);
    this.wake();
  }

  /** A test sample went away; its row goes with the next submission.csv. */
  forget(id: string): void {
    this.pending.delete(id);
    this.submissionIsStale = true;
    this.wake();
  }

  considerAll(): void {
    for (const { id } of this.options.catalog.samplesOf('test')) this.add(id);
    this.wake();
  }

  /** Predicts everything once more, stale or not. */
  predictAgain(): void {
    if (this.served === null) return;
    for (const { id, preprocessing } of this.options.catalog.samplesOf('test')) {
      if (preprocessing === this.options.preprocessing) this.pending.set(id, 'requested');
    }
    this.wake();
  }

  /** Nothing new starts while there is a reason to wait. */
  hold(reason: PredictionHold, isHeld: boolean): void {
    if (isHeld) this.holds.add(reason);
    else if (this.holds.delete(reason)) this.wake();
  }

  wake(): void {
    if (this.busy$.value) return;
    if (!this.canPredict() && !this.submissionIsStale) return;
    this.busy$.next(true);
    void this.work();
  }

  private canPredict(): boolean {
    return this.served !== null && this.holds.size === 0 && this.pending.size > 0;
  }

  private add(id: string): void {
    const { samples, predictions } = this.options.catalog;
    const sample = samples.get(`test/${id}`);
    if (sample === undefined || this.served === null) return;
    if (sample.preprocessing !== this.options.preprocessing) return;
    const reason = staleReason(sample, predictions.get(id), this.served);
    if (reason === null) this.pending.delete(id);
    else this.pending.set(id, reason);
  }

  private async work(): Promise<void> {
    do {
      if (this.served !== null && this.canPredict()) await this.predictWith(this.served);
      await this.bringSubmissionUpToDate();
    } while (this.canPredict());
    this.busy$.next(false);
  }

  /** Until nothing is stale, or another model serves: no batch is in flight between two models. */
  private async predictWith(served: ServedModel): Promise<void> {
    try {
      await this.options.compute.serve(served.folder);
    } catch (error) {
      this.stopOn(error as Error);
      return;
    }
    const workers = Array.from({ length: BATCHES_AT_ONCE }, () => this.predictWhatIsStale(served));
    await Promise.all(workers);
  }

  private async predictWhatIsStale(served: ServedModel): Promise<void> {
    while (this.canPredict() && this.served === served) {
      const batch = this.takeBatch();
      this.inFlight += batch.length;
      try {
        const events = await predictBatch(batch, served, this.options);
        if (events.length > 0) this.submissionIsStale = true;
        for (const event of events) this.events.next(event);
      } catch (error) {
        for (const { sample, reason } of batch) {
          if (!this.pending.has(sample.id)) this.pending.set(sample.id, reason);
        }
        this.stopOn(error as Error);
      } finally {
        this.inFlight -= batch.length;
      }
      if (performance.now() - this.submissionWrittenAt > SUBMISSION_INTERVAL_MS) {
        await this.bringSubmissionUpToDate();
      }
    }
  }

  /** The compute process went away, or cannot load the model; the hold ends when it is back. */
  private stopOn(error: Error): void {
    if (this.holds.has('compute')) return;
    this.holds.add('compute');
    this.events.next(predictionStopped(error));
  }

  private takeBatch(): StaleSample[] {
    const batch: StaleSample[] = [];
    for (const [id, reason] of this.pending) {
      this.pending.delete(id);
      const sample = this.options.catalog.samples.get(`test/${id}`);
      if (sample !== undefined) batch.push({ sample, reason });
      if (batch.length === this.options.batchSize) break;
    }
    return batch;
  }

  private async bringSubmissionUpToDate(): Promise<void> {
    if (!this.submissionIsStale) return;
    this.submissionIsStale = false;
    this.submissionWrittenAt = performance.now();
    const { catalog, submissionPath } = this.options;
    const rows = [...catalog.predictions.values()].filter(({ id }) =>
      catalog.samples.has(`test/${id}`),
    );
    // Before the first prediction there is nothing to submit.
    if (rows.length === 0 && this.served === null) return;
    try {
      const outcome = await writeSubmission(submissionPath, formatSubmission(rows));
      if (outcome === 'unchanged') return;
      this.events.next({
        type: 'submission.written',
        path: submissionPath,
        rows: rows.length,
        nonEmpty: rows.filter(({ rle }) => rle !== '').length,
      });
    } catch (error) {
      this.submissionIsStale = true;
      this.events.next({
        type: 'item.failed',
        path: submissionPath,
        stage: 'submission',
        ...storeFailure(error as Error),
      });
    }
  }
}

function predictionStopped(error: Error): PipelineEvent {
  const code = (error as { code?: string }).code ?? 'PREDICTION_FAILED';
  return { type: 'notice', level: 'error', code, message: `Prediction stopped: ${error.message}` };
}
