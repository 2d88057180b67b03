import { expect, test } from 'vitest';
import {
  agreementRows,
  ceilingInWords,
  rankingInWords,
} from '../../../src/ui/tables/agreement-rows.js';

const agreement = {
  images: 160,
  meanTruth: 174.37,
  bias: -1.234,
  limits: { low: -12.34, high: 9.87 },
  meanAbsoluteDifference: 3.456,
  correlation: 0.98765,
};

test('has a column for each measure, and one of the true masks beside a table', () => {
  const rows = agreementRows([
    {
      ...{ measure: 'area', unit: 'mm2', against: 'mask', missed: 2, trueMasks: null },
      foundMasks: { ...agreement, meanTruth: 12345.6, limits: null, correlation: null },
    },
    {
      ...{ measure: 'circumference', unit: 'mm', against: 'table', missed: 0 },
      ...{ foundMasks: agreement, trueMasks: { ...agreement, bias: 0.0312 } },
    },
  ]);
  expect(rows).toEqual([
    ['', 'area', 'circumference', 'of true masks'],
    ['', 'mm²', 'mm, by table', 'mm, by table'],
    ['images', '160', '160', '160'],
    ['missed', '2', '0', ''],
    ['true mean', '12346', '174', '174'],
    ['bias', '-1.23', '-1.23', '0.03'],
    ['95 % limits, from', '·', '-12.3', '-12.3'],
    ['             to', '·', '9.87', '9.87'],
    ['mean abs. difference', '3.46', '3.46', '3.46'],
    ['correlation', '·', '0.988', '0.988'],
  ]);
});

test('shows a measure of which everything was missed', () => {
  const about = { measure: 'area', unit: 'pixels', against: 'mask', missed: 3 } as const;
  const rows = agreementRows([{ ...about, foundMasks: null, trueMasks: null }]);
  expect(rows.slice(2, 5)).toEqual([
    ['images', '·'],
    ['missed', '3'],
    ['true mean', '·'],
  ]);
});

test('says how well uncertainty ranks and what the ceiling is, or that there is none', () => {
  const ranking = { correlation: 0.712, surestHalfDice: 0.95, otherHalfDice: 0.8765 };
  expect(rankingInWords(ranking)).toContain('0.71: Dice is 0.950 of the surest half, 0.876');
  const ceiling = { pairs: 33, subjects: 1, dice: 0.82, outlinedPairs: 30, outlinedDice: 0.8 };
  expect(ceilingInWords({ ...ceiling, diceInterval: null })).toBe(
    'Label ceiling: Dice 0.820 between the masks of 33 near-identical pairs of images of 1 subject.',
  );
  expect(ceilingInWords({ ...ceiling, diceInterval: { low: 0.7, high: 0.9 } })).toContain(
    '0.820 (0.700-0.900)',
  );
  expect(ceilingInWords(null)).toContain('No label ceiling');
});
