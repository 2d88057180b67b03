import { expect, test } from 'vitest';
import { failureOf, isTransient } from '../../src/streams/training/is-transient.js';

test.each([
  ['COMPUTE_DIED', true],
  ['OUT_OF_MEMORY', true],
  ['ENOSPC', true],
  ['LEVEL_DATABASE_NOT_OPEN', true],
  ['LOSS_NOT_FINITE', false],
  ['MODEL_UNREADABLE', false],
  ['ALL_CONTRADICT', false],
])('%s may go better at another time: %s', (code, isSo) => {
  expect(isTransient(code)).toBe(isSo);
});

test('what has no code lies in the data, or in the program', () => {
  const { code, message } = failureOf(new Error('a bug'));
  expect({ code, message, isSo: isTransient(code) }).toEqual({
    code: 'TRAINING_FAILED',
    message: 'a bug',
    isSo: false,
  });
});
