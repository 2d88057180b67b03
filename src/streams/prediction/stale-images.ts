import { setImmediate } from 'node:timers/promises';
import type { PredictReason } from '../../events.js';
import type { Catalog } from '../../store/catalog.js';
import { TimeSlice } from '../time-slice.js';
import type { Batch, StaleSample } from './image-in-hand.js';
import { type ServedModel, servingKey, staleReason } from './served-model.js';

/** How every test image is looked at. */
interface Look {
  /** Those without a row, then those whose row is oldest, are to be predicted first. */
  readonly oldestFirst: boolean;
  /** All are predicted, stale or not. */
  readonly isRequest: boolean;
}

/**
 * Which test images have to be predicted, and why. A set of ids, so the newest state of an image is
 * the only one that is ever computed, and 100,000 of them are no burden.
 */
export class StaleImages {
  private readonly pending = new Map<string, PredictReason>();
  private readonly flying = new Set<StaleSample>();
  private looking: { readonly look: Look; readonly work: Generator<void> } | null = null;

  /** @param preprocessing images cached at other settings wait until they have been taken in again */
  constructor(
    private readonly catalog: Catalog,
    private readonly preprocessing: string,
  ) {}

  get queued(): number {
    return this.pending.size;
  }

  get inFlight(): number {
    return this.flying.size;
  }

  /** While all are looked at nothing is taken: the look decides what comes first. */
  get isLooking(): boolean {
    return this.looking !== null;
  }

  /** One that came or changed. */
  consider(id: string, model: ServedModel): void {
    const { samples, predictions } = this.catalog;
    const sample = samples.get(`test/${id}`);
    if (sample === undefined || sample.preprocessing !== this.preprocessing) return;
    if (this.pending.get(id) === 'requested') return;
    const reason = staleReason(sample, predictions.get(id), model);
    if (reason === null || this.isInFlight(id, model)) this.pending.delete(id);
    else this.pending.set(id, reason);
  }

  forget(id: string): void {
    this.pending.delete(id);
  }

  /** Looks at all; another look under way is replaced, and what that was to do is done as well. */
  lookAtAll(model: ServedModel, { oldestFirst, isRequest }: Look): void {
    const before = this.looking?.look;
    const look = {
      oldestFirst: oldestFirst || before?.oldestFirst === true,
      isRequest: isRequest || before?.isRequest === true,
    };
    this.looking = { look, work: this.lookAt(model, look) };
    // Mostly that is all of it.
    this.lookOn();
  }

  /** @param isStopped asked in between: the next start looks at everything anyway */
  async lookToEnd(isStopped: () => boolean): Promise<void> {
    while (this.looking !== null) {
      if (isStopped()) this.looking = null;
      await setImmediate();
      this.lookOn();
    }
  }

  /** The next ones to predict; null where there are none. They are in flight until `landed`. */
  take(count: number, model: ServedModel): Batch | null {
    const { samples, predictions } = this.catalog;
    const servedBy = servingKey(model);
    const batch: Batch[number][] = [];
    for (const [id, asked] of this.pending) {
      this.pending.delete(id);
      const sample = samples.get(`test/${id}`);
      if (sample === undefined) continue;
      // Judged now: since it was asked for, an older model may have predicted it.
      const reason =
        asked === 'requested' ? asked : staleReason(sample, predictions.get(id), model);
      if (reason !== null) batch.push({ at: 'stale', sample, reason, servedBy });
      if (batch.length === count) break;
    }
    for (const image of batch) this.flying.add(image);
    return batch.length === 0 ? null : batch;
  }

  landed(batch: readonly StaleSample[]): void {
    for (const image of batch) this.flying.delete(image);
  }

  /** What could not be predicted waits again, unless something newer is known of it. */
  putBack(batch: readonly StaleSample[]): void {
    for (const { sample, reason } of batch) {
      const { id } = sample;
      const isThere = this.catalog.samples.has(`test/${id}`);
      if (isThere && !this.pending.has(id)) this.pending.set(id, reason);
    }
  }

  /** A slice of the look under way: a folder may hold 100,000 images. */
  private lookOn(): void {
    const slice = new TimeSlice();
    while (this.looking !== null && !slice.isOver) {
      if (this.looking.work.next().done) this.looking = null;
    }
  }

  private *lookAt(model: ServedModel, { oldestFirst, isRequest }: Look): Generator<void> {
    const ids = this.catalog.samples.idsOf('test');
    for (const id of oldestFirst ? yield* this.sortedByAge(ids) : ids) {
      const wasRequested = this.pending.get(id) === 'requested';
      // To the end of the queue, that is behind all that are older.
      if (oldestFirst) this.pending.delete(id);
      if (isRequest || wasRequested) this.request(id);
      else this.consider(id, model);
      yield;
    }
  }

  /** Images without a row, then the rows that have stood for longest. */
  private *sortedByAge(ids: Iterable<string>): Generator<void, Iterable<string>> {
    const { predictions } = this.catalog;
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

  private request(id: string): void {
    const sample = this.catalog.samples.get(`test/${id}`);
    if (sample?.preprocessing === this.preprocessing) this.pending.set(id, 'requested');
  }

  private isInFlight(id: string, model: ServedModel): boolean {
    const servedBy = servingKey(model);
    for (const item of this.flying) {
      if (item.sample.id !== id || item.servedBy !== servedBy) continue;
      if (this.catalog.samples.holds(item.sample)) return true;
    }
    return false;
  }
}
