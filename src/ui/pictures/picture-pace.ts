import { noPreviews, type Previews } from '../state/previews.js';

/** As long as a picture stays, so that a person can look at it. */
const leastMs = 4_000;
/** Where pictures are costly, they stay longer, but not for ever. */
const mostMs = 12_000;
/** Share of a core that making them may take. */
const budget = 0.01;

/**
 * The pictures that may be shown now. A training validates several images each epoch, which may
 * take less than a second: of those in between none is drawn, and the newest is shown next.
 */
export class PicturePace {
  private shown: Previews = noPreviews;
  private since = Number.NEGATIVE_INFINITY;
  private stayMs = leastMs;

  at(previews: Previews, nowMs: number): Previews {
    // A clock that was set back must not hold a picture for ever.
    const isDue = Math.abs(nowMs - this.since) >= this.stayMs;
    if (previews !== this.shown && (isDue || this.shown.length === 0)) {
      this.shown = previews;
      this.since = nowMs;
    }
    return this.shown;
  }

  /** What one took of the processor to make. */
  learnCost(cpuMs: number): void {
    this.stayMs = Math.min(mostMs, Math.max(leastMs, cpuMs / budget));
  }

  /** Somebody asked for another picture: there is nothing to wait for. */
  hurry(): void {
    this.since = Number.NEGATIVE_INFINITY;
  }
}
