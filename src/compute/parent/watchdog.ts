import { url as debuggerUrl } from 'node:inspector';

/** Timers, so that tests need not wait. */
export interface Ticker {
  /** Calls `tick` every `ms` milliseconds; returns what stops it. */
  every(ms: number, tick: () => void): () => void;
}

export const realTicker: Ticker = {
  every(ms, tick) {
    // Who is at a breakpoint is silent, and does not hang.
    const timer = setInterval(() => debuggerUrl() === undefined && tick(), ms);
    // Watching keeps no program alive.
    timer.unref();
    return () => clearInterval(timer);
  },
};

const tickMs = 1000;

/** A silence this many times the longest one that ended well is a hang, where that is more than the least. */
const patience = 20;

/**
 * Notices a compute process that hangs. Its heart beats whenever its event loop turns, which is
 * between two steps; so silence is judged by the longest one so far and by a generous least.
 * Counts ticks of its own rather than reading a clock: a laptop that slept is no hang.
 */
export class Watchdog {
  private silentTicks = 0;
  private longestTicks = 0;
  private readonly stopTimer: () => void;

  constructor(leastMs: number, onHang: (silentMs: number) => void, ticker: Ticker = realTicker) {
    this.stopTimer = ticker.every(tickMs, () => {
      this.silentTicks++;
      const limit = Math.max(leastMs / tickMs, patience * this.longestTicks);
      if (this.silentTicks <= limit) return;
      this.stopTimer();
      onHang(this.silentTicks * tickMs);
    });
  }

  /** Anything was heard. */
  beat(): void {
    this.longestTicks = Math.max(this.longestTicks, this.silentTicks);
    this.silentTicks = 0;
  }

  stop(): void {
    this.stopTimer();
  }
}
