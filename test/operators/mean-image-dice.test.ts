import { expect, test } from 'vitest';
import { meanImageDice } from '../../src/operators/mean-image-dice.js';

const size = { height: 2, width: 2 };
const predicted = (rows: Record<string, string>) =>
  new Map(Object.entries(rows).map(([id, rle]) => [id, { rle, ...size }]));

test('averages the Dice of the images, empty against empty being 1', () => {
  const truth = new Map([
    ['1', '1 2'],
    ['2', ''],
    ['3', '1 1'],
  ]);
  const dice = meanImageDice(truth, predicted({ '1': '1 1', '2': '', '3': '' }));
  expect(dice).toEqual({ ok: true, value: (2 / 3 + 1 + 0) / 3 });
});

test('an image without a prediction counts as an empty mask, one without truth not at all', () => {
  const truth = new Map([
    ['1', '1 2'],
    ['2', ''],
  ]);
  expect(meanImageDice(truth, predicted({ '9': '1 4' }))).toEqual({ ok: true, value: 0.5 });
});

test('no truth, and rows that are no masks of this grid, are failures', () => {
  expect(meanImageDice(new Map(), predicted({}))).toMatchObject({ failure: { code: 'NO_TRUTH' } });
  const outside = meanImageDice(new Map([['1', '1 9']]), predicted({ '1': '' }));
  expect(outside).toMatchObject({ failure: { code: 'RLE_OUT_OF_RANGE' } });
  const broken = meanImageDice(new Map([['1', '']]), predicted({ '1': 'x 1' }));
  expect(broken).toMatchObject({ failure: { code: 'RLE_NOT_A_NUMBER' } });
});
