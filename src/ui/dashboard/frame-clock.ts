import { type SchedulerLike, Subscription } from 'rxjs';

/** Never more than ten frames a second, for a key; figures that change by themselves have to be read. */
const keyFrameMs = 100;
const quickestFrameMs = 400;
const slowestFrameMs = 1_500;
/** Uptime and ages change without an event. */
const idleFrameMs = 1_000;
/** Share of a core that drawing may take. */
const budget = 0.01;

export interface FrameClockOptions {
  readonly scheduler: SchedulerLike;
  readonly now: () => number;
  /** Measures what a frame costs; in virtual time none costs anything. */
  readonly stopwatch: () => number;
  /** Returns when something on the screen changes by itself, or null. */
  readonly draw: () => number | null;
}

/** Says when the next frame is drawn: soon after a key, else as often as frames cost little. */
export class FrameClock {
  private timer = Subscription.EMPTY;
  private timerAt = Number.POSITIVE_INFINITY;
  private drawnAt = Number.NEGATIVE_INFINITY;
  /** Smoothed time a frame takes. */
  private frameCostMs = 0;
  private isOutdated = false;
  private isStopped = false;

  constructor(private readonly options: FrameClockOptions) {}

  /** The first frame is on the screen. */
  start(): void {
    this.drawnAt = this.options.now();
    this.wakeAt(this.drawnAt + idleFrameMs);
  }

  /** Somebody waits for it: a key was struck, or the terminal changed. */
  drawSoon(): void {
    this.wakeAt(this.drawnAt + keyFrameMs);
  }

  /** What is on the screen is not what is known any more. */
  drawLater(): void {
    this.isOutdated = true;
    this.wakeAt(this.drawnAt + this.frameInterval());
  }

  /** The terminal was too slow to take the frame that is being drawn. */
  frameWasLost(): void {
    this.isOutdated = true;
  }

  stop(): void {
    this.isStopped = true;
    this.timer.unsubscribe();
  }

  private tick(): void {
    const { now, stopwatch, draw } = this.options;
    const startedAt = stopwatch();
    this.isOutdated = false;
    const expiry = draw();
    this.frameCostMs = blend(this.frameCostMs, stopwatch() - startedAt);
    this.drawnAt = now();
    const idle = this.drawnAt + Math.max(idleFrameMs, this.frameInterval());
    this.wakeAt(Math.min(idle, expiry ?? Number.POSITIVE_INFINITY));
    if (this.isOutdated) this.drawLater();
  }

  /** A big screen on a slow machine is drawn less often, not at the cost of the training. */
  private frameInterval(): number {
    return Math.min(slowestFrameMs, Math.max(quickestFrameMs, this.frameCostMs / budget));
  }

  /** Draws at this time, or before if that is planned already. */
  private wakeAt(at: number): void {
    if (this.isStopped || (!this.timer.closed && at >= this.timerAt)) return;
    const { scheduler, now } = this.options;
    this.timer.unsubscribe();
    this.timerAt = at;
    this.timer = scheduler.schedule(
      () => {
        this.timer.unsubscribe();
        this.tick();
      },
      Math.max(0, at - now()),
    );
  }
}

/**
 * What a frame costs. On a busy machine most of a frame's time may be waiting for a core, which
 * costs nobody anything: the quick frames are believed at once, the slow ones only in number.
 */
function blend(before: number, cost: number): number {
  return before === 0 || cost < before ? cost : before + (cost - before) * 0.05;
}
