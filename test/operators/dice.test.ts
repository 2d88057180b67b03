import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchDice, imageDice } from '../../src/operators/dice.js';

const bits = fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 60 });

describe("batchDice, the tutorial's", () => {
  test('follows its formula', () => {
    expect(batchDice(Uint8Array.of(1, 1, 0, 0), Float32Array.of(1, 0, 1, 0))).toBe(3 / 5);
    expect(batchDice(Uint8Array.of(1, 1, 0, 0), Float32Array.of(0.5, 0.5, 0.25, 0))).toBe(3 / 4.25);
    expect(batchDice(Uint8Array.of(1, 0), Float32Array.of(0, 1), 0)).toBe(0);
    expect(batchDice(Float32Array.of(1, 0), Float32Array.of(1, 0), 5)).toBe(1);
  });

  test('is 1 for nothing against nothing, and nearly 0 for nothing against much', () => {
    expect(batchDice(new Uint8Array(4), new Float32Array(4))).toBe(1);
    expect(batchDice(new Uint8Array(99), new Float32Array(99).fill(1))).toBe(0.01);
  });

  test('flattens the batch: one good and one bad image are not averaged', () => {
    const truth = Uint8Array.of(1, 1, 1, 1, 1, 0, 0, 0);
    const found = Float32Array.of(1, 1, 1, 1, 0, 1, 0, 0);
    expect(batchDice(truth, found, 0)).toBe(0.8);
  });
});

describe("imageDice, Kaggle's", () => {
  test.each([
    [[1, 1, 0, 0], [1, 0, 0, 0], 2 / 3],
    [[1, 1, 0, 0], [1, 1, 0, 0], 1],
    [[1, 1, 0, 0], [0, 0, 1, 1], 0],
    [[0, 0, 0, 0], [0, 0, 0, 0], 1],
    [[0, 0, 0, 0], [0, 0, 0, 1], 0],
    [[1, 0, 0, 0], [0, 0, 0, 0], 0],
    [[255, 255, 0, 0], [1, 0, 0, 0], 2 / 3],
  ])('%j against %j is %d', (truth, mask, dice) => {
    expect(imageDice(Uint8Array.from(truth), Uint8Array.from(mask))).toBe(dice);
  });

  test('does not care which is which, and is 1 only for equal masks', () => {
    fc.assert(
      fc.property(bits, bits, (first, second) => {
        const length = Math.min(first.length, second.length);
        const a = Uint8Array.from(first.slice(0, length));
        const b = Uint8Array.from(second.slice(0, length));
        const dice = imageDice(a, b);
        expect(dice).toBe(imageDice(b, a));
        expect(dice >= 0 && dice <= 1).toBe(true);
        expect(dice === 1).toBe(a.join() === b.join());
        // Without smoothing, and unless both are empty, the two kinds agree on binary masks.
        if (a.includes(1) || b.includes(1)) {
          expect(batchDice(a, Float32Array.from(b), 0)).toBe(dice);
        }
      }),
    );
  });
});

test('different lengths are a mistake of the caller', () => {
  expect(() => imageDice(new Uint8Array(1), new Uint8Array(2))).toThrow(RangeError);
  expect(() => batchDice(new Uint8Array(1), new Float32Array(2))).toThrow(RangeError);
});
