import { VirtualTimeScheduler } from 'rxjs';
import { expect, it } from 'vitest';
import { FrameClock } from '../../../src/ui/dashboard/frame-clock.js';

/** A clock whose frames cost `costMs` each, and when they were drawn. */
function clockOf({ costMs = 0, expiry = null as number | null } = {}) {
  const scheduler = new VirtualTimeScheduler();
  const drawn: number[] = [];
  let spentMs = 0;
  const clock = new FrameClock({
    scheduler,
    now: () => scheduler.now(),
    stopwatch: () => spentMs,
    draw: () => {
      drawn.push(scheduler.now());
      spentMs += costMs;
      return expiry !== null && expiry > scheduler.now() ? expiry : null;
    },
  });
  const pass = (until: number): void => {
    scheduler.maxFrames = until;
    scheduler.flush();
    scheduler.frame = until;
  };
  clock.start();
  return { clock, drawn, pass };
}

it('draws every second where nothing happens, and no more once it is stopped', () => {
  const { clock, drawn, pass } = clockOf();
  pass(2_500);
  clock.stop();
  clock.drawSoon();
  pass(9_000);
  expect(drawn).toEqual([1_000, 2_000]);
});

it('answers a key within a tenth of a second, events in their own time', () => {
  const { clock, drawn, pass } = clockOf();
  for (let event = 0; event < 50; event++) clock.drawLater();
  pass(450);
  clock.drawSoon();
  clock.drawLater();
  pass(600);
  expect(drawn).toEqual([400, 500]);
});

it('draws less often where frames are costly', () => {
  const { clock, drawn, pass } = clockOf({ costMs: 8 });
  clock.drawLater();
  pass(400);
  clock.drawLater();
  pass(1_300);
  expect(drawn).toEqual([400, 1_200]);
});

it('draws when something on the screen has to go', () => {
  const { clock, drawn, pass } = clockOf({ expiry: 650 });
  clock.drawLater();
  pass(660);
  expect(drawn.slice(0, 2)).toEqual([400, 650]);
});

it('draws again a frame that the terminal did not take', () => {
  const scheduler = new VirtualTimeScheduler();
  const drawn: number[] = [];
  const clock = new FrameClock({
    scheduler,
    now: () => scheduler.now(),
    stopwatch: () => 0,
    draw: () => {
      if (drawn.push(scheduler.now()) === 1) clock.frameWasLost();
      return null;
    },
  });
  clock.start();
  scheduler.maxFrames = 1_500;
  scheduler.flush();
  expect(drawn).toEqual([1_000, 1_400]);
});
