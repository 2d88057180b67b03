import { expect, it } from 'vitest';
import { foldEvent, initialState } from '../../../src/ui/state/dashboard-state.js';
import { pointsOf } from '../../../src/ui/state/series.js';
import { itemsPerSecond } from '../../../src/ui/state/smoothed-rate.js';
import { epoch, step, trainStarted } from '../../support/events.js';

it('of quick steps the newest is seen, the rate counts all, and the curve has a few', () => {
  let state = foldEvent(initialState(0), trainStarted(), 0);
  for (let index = 1; index <= 1_000; index++) {
    const event = step(1, index, { steps: 1_000, loss: 1 / index });
    state = foldEvent(state, event, index * 10);
  }
  const { training } = state;
  expect(training).toMatchObject({ step: 1_000, loss: 0.001 });
  expect(itemsPerSecond(training.stepRate, 10_000)).toBeCloseTo(100, -1);
  expect(pointsOf(training.curves.loss).length).toBeLessThan(60);
});

it('a step that waits is folded in before what follows it', () => {
  let state = foldEvent(initialState(0), trainStarted(), 0);
  state = foldEvent(state, step(1, 1), 0);
  state = foldEvent(state, step(1, 4, { batchDice: 0.9 }), 1);
  state = foldEvent(state, epoch(1, { trainDice: 0.5 }), 2);
  expect(state.training).toMatchObject({ trainDice: 0.5, batchDice: 0.9, step: 4 });
});
