import {
  BehaviorSubject,
  lastValueFrom,
  type Observable,
  type OperatorFunction,
  of,
  Subject,
} from 'rxjs';
import type { Compute } from '../../compute/compute.js';
import type { PipelineEvent, StageLoad } from '../../events.js';
import type { Catalog } from '../../store/catalog.js';
import type { PredictionPause } from '../coordinator/state.js';
import type { SampleChange } from '../intake/sample-assembly.js';
import type { Batch } from './image-in-hand.js';
import type { MaskKeeper } from './mask-keeper.js';
import { PredictionReports } from './prediction-reports.js';
import { pull } from './pull.js';
import { batchFailed, type Readiness, storeRefused, tryAgain } from './readiness.js';
import type { RowFileKeeper } from './row-file-keeper.js';
import type { ServedModel } from './served-model.js';
import type { StaleImages } from './stale-images.js';

export interface PredictorParts {
  readonly catalog: Catalog;
  readonly compute: Pick<Compute, 'serve'>;
  readonly stale: StaleImages;
  /** From stale images to their rows. */
  readonly toRows: (model: ServedModel) => OperatorFunction<Batch, Batch>;
  readonly masks: MaskKeeper;
  readonly submission: RowFileKeeper;
  readonly measurements: RowFileKeeper;
  /** Why nothing new is to be predicted now. */
  readonly pauses$: Observable<readonly PredictionPause[]>;
  readonly batchSize: number;
  readonly emit: (event: PipelineEvent) => void;
}

/** While one batch is in the compute process, the masks of the one before are being written. */
const batchesAtOnce = 2;

/** When to predict: keeps the row of every test image current, and the files that hold the rows with it. */
export class Predictor {
  private readonly unreadable = new Subject<{ readonly folder: string; readonly why: string }>();
  /** The served model cannot be loaded: nothing is predicted before another one serves. */
  readonly unreadable$ = this.unreadable.asObservable();
  /** True from the first stale image until submission.csv and measurements.csv hold the last one. */
  readonly busy$ = new BehaviorSubject(false);

  private readiness: Readiness = { is: 'nothing' };
  private pauses: readonly PredictionPause[] = [];
  private readonly reports = new PredictionReports();
  private readonly rowFiles: readonly RowFileKeeper[];

  constructor(private readonly parts: PredictorParts) {
    this.rowFiles = [parts.submission, parts.measurements];
    parts.pauses$.subscribe((pauses) => {
      const isFreed = this.pauses.some((pause) => !pauses.includes(pause));
      this.pauses = pauses;
      if (isFreed) this.wake();
    });
  }

  get load(): StageLoad {
    const { queued, inFlight } = this.parts.stale;
    return { queued, inFlight, waiting: 0 };
  }

  /** Test images without a current prediction. */
  get pendingCount(): number {
    const { stale, catalog } = this.parts;
    if (this.readiness.is !== 'nothing') return stale.queued + stale.inFlight;
    let missing = 0;
    for (const id of catalog.samples.idsOf('test')) if (!catalog.predictions.has(id)) missing++;
    return missing;
  }

  /** Something is stale and cannot be brought up to date. */
  get isStuck(): boolean {
    const { stale } = this.parts;
    const { is } = this.readiness;
    const isBlocked = is === 'refused' || is === 'unreadable' || this.pauses.includes('compute');
    return (isBlocked && stale.queued > 0) || this.rowFiles.some(({ isBehind }) => isBehind);
  }

  /** From now on this model predicts; whatever another one predicted is stale. */
  serve(model: ServedModel): void {
    // Without a model, no rows were nothing to write; now they are an empty submission.
    if (this.readiness.is === 'nothing') this.rowsChanged();
    this.readiness = { is: 'ready', model };
    this.lookAtAll({ oldestFirst: true, isRequest: false });
  }

  /** A sample came, changed or went; those of train/ are no concern of this page. */
  take(change: SampleChange): void {
    if (change.type === 'removed') {
      if (change.split === 'test') this.forget(change.id);
    } else if (change.sample.split === 'test') {
      // Another spacing makes no row stale, but its sizes in millimetres.
      const isOther = change.reason !== 'cached' && change.reason !== 'new';
      if (isOther) this.parts.measurements.rowsChanged();
      this.consider(change.sample.id);
    }
  }

  /** A test image came or changed. */
  consider(id: string): void {
    if (this.readiness.is === 'nothing') return;
    this.parts.stale.consider(id, this.readiness.model);
    this.wake();
  }

  /** A test image went away; its row goes with the next writing of the files. */
  forget(id: string): void {
    this.parts.stale.forget(id);
    this.reports.forget(id);
    this.rowsChanged();
    this.wake();
  }

  /** Looks at every test image, and tries again what could not be done. */
  considerAll(): void {
    this.lookAtAll({ oldestFirst: false, isRequest: false });
  }

  /** Predicts everything once more, stale or not. */
  predictAgain(): void {
    this.lookAtAll({ oldestFirst: false, isRequest: true });
  }

  /** Brings back what somebody has deleted or changed of what is kept for them in the store. */
  async restoreFiles(): Promise<void> {
    if (this.busy$.value) return;
    for (const file of this.rowFiles) if (await file.isDisturbed()) file.rowsChanged();
    await this.parts.masks.look();
    if (!this.pauses.includes('stopping')) this.wake();
  }

  private lookAtAll(look: { readonly oldestFirst: boolean; readonly isRequest: boolean }): void {
    const { catalog, stale } = this.parts;
    this.readiness = tryAgain(this.readiness);
    for (const file of this.rowFiles) file.retry();
    catalog.forgetDeparted();
    if (this.readiness.is !== 'nothing') stale.lookAtAll(this.readiness.model, look);
    this.wake();
  }

  private wake(): void {
    if (this.busy$.value) return;
    if (!this.hasWork() && !this.parts.masks.areDisturbed) return;
    this.busy$.next(true);
    void this.bringUpToDate();
  }

  private rowsChanged(): void {
    for (const file of this.rowFiles) file.rowsChanged();
  }

  private hasWork(): boolean {
    const isWanted = this.rowFiles.some((file) => file.isWanted);
    return this.canPredict() || this.parts.stale.isLooking || isWanted;
  }

  private canPredict(): boolean {
    const { stale } = this.parts;
    const isFree = this.pauses.length === 0 && !stale.isLooking;
    return this.readiness.is === 'ready' && isFree && stale.queued > 0;
  }

  private async bringUpToDate(): Promise<void> {
    const { masks, stale } = this.parts;
    do {
      await masks.restore();
      await stale.lookToEnd(() => this.pauses.includes('stopping'));
      await this.predictWhatIsStale();
      // Not between two batches of a backlog that only a look has parted.
      if (!stale.isLooking) {
        for (const file of this.rowFiles) await file.bringUpToDate(this.readiness.is !== 'nothing');
      }
      await masks.remember();
      // Asked last: whatever came until now found it busy, and would wait for the next look.
    } while (this.hasWork());
    this.busy$.next(false);
  }

  /** Until nothing is stale, or another model serves: no batch is in flight between two models. */
  private async predictWhatIsStale(): Promise<void> {
    if (!this.canPredict() || this.readiness.is === 'nothing') return;
    const { stale, compute, batchSize } = this.parts;
    const { model } = this.readiness;
    const isServed = () => this.readiness.is === 'ready' && this.readiness.model === model;
    const take = () => (this.canPredict() && isServed() ? stale.take(batchSize, model) : null);
    try {
      await compute.serve(model.folder);
      await pull(take, (batch) => this.predict(batch, model), batchesAtOnce);
    } catch (error) {
      this.stopOn(error as Error, model);
    }
  }

  private async predict(batch: Batch, model: ServedModel): Promise<void> {
    const { stale, toRows, emit } = this.parts;
    const started = performance.now();
    try {
      const images = await lastValueFrom(of(batch).pipe(toRows(model)));
      stale.landed(batch);
      const refused = images.filter(({ at }) => at === 'refused');
      stale.putBack(refused);
      if (refused.length > 0) this.readiness = storeRefused(this.readiness);
      if (images.some(({ at }) => at === 'done')) this.rowsChanged();
      const ms = (performance.now() - started) / batch.length;
      for (const event of this.reports.of(images, ms)) emit(event);
    } catch (error) {
      stale.landed(batch);
      stale.putBack(batch);
      this.stopOn(error as Error, model);
    }
    for (const file of this.rowFiles) if (file.isDue) await file.bringUpToDate(true);
  }

  /** The model cannot be read, the compute process went away, or the like. */
  private stopOn(error: Error, model: ServedModel): void {
    const before = this.readiness;
    // Its own health tells.
    if (this.pauses.includes('compute')) return;
    this.readiness = batchFailed(before, model, error);
    if (this.readiness === before) return;
    if (this.readiness.is === 'unreadable') {
      this.unreadable.next({ folder: model.folder, why: error.message });
      return;
    }
    const { code = 'PREDICTION_FAILED' } = error as { code?: string };
    const message = `Prediction stopped: ${error.message}`;
    this.parts.emit({ type: 'notice', level: 'error', code, message });
  }
}
