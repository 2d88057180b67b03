import type { Ticker } from '../../src/compute/parent/watchdog.js';

/** Ticks by hand; `running` tells whether anyone still listens. */
export function handTicker(): Ticker & { tick(times: number): void; readonly running: boolean } {
  let listener: (() => void) | null = null;
  return {
    every(_ms, tick) {
      listener = tick;
      return () => {
        listener = null;
      };
    },
    tick(times) {
      for (let time = 0; time < times; time++) listener?.();
    },
    get running() {
      return listener !== null;
    },
  };
}
