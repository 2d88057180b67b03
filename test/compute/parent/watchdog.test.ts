import { close, open } from 'node:inspector';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { realTicker, Watchdog } from '../../../src/compute/parent/watchdog.js';
import { handTicker } from '../../support/hand-ticker.js';

function setUp(leastMs: number) {
  const hangs: number[] = [];
  const ticker = handTicker();
  const watchdog = new Watchdog(leastMs, (silentMs) => hangs.push(silentMs), ticker);
  return { hangs, ticker, watchdog };
}

describe('the watchdog', () => {
  it('calls a silence longer than the least a hang, once', () => {
    const { hangs, ticker } = setUp(10_000);
    ticker.tick(10);
    expect(hangs).toEqual([]);
    ticker.tick(30);
    expect(hangs).toEqual([11_000]);
  });

  it('starts again at every sign of life', () => {
    const { hangs, ticker, watchdog } = setUp(10_000);
    for (let beat = 0; beat < 5; beat++) {
      ticker.tick(9);
      watchdog.beat();
    }
    expect(hangs).toEqual([]);
  });

  it('grows as patient as the steps are long', () => {
    const { hangs, ticker, watchdog } = setUp(10_000);
    ticker.tick(8);
    watchdog.beat();
    ticker.tick(160);
    expect(hangs).toEqual([]);
    ticker.tick(1);
    expect(hangs).toEqual([161_000]);
  });

  it('can be stopped', () => {
    const { hangs, ticker, watchdog } = setUp(1000);
    watchdog.stop();
    ticker.tick(5);
    expect(hangs).toEqual([]);
    expect(ticker.running).toBe(false);
  });
});

it('counts no silence while a debugger may hold the program at a breakpoint', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const hangs: number[] = [];
  const watchdog = new Watchdog(2_000, (silentMs) => hangs.push(silentMs), realTicker);
  open(0);
  vi.advanceTimersByTime(60_000);
  expect(hangs).toEqual([]);
  close();
  vi.advanceTimersByTime(60_000);
  expect(hangs).toEqual([3_000]);
  watchdog.stop();
});
