import { expect, test } from 'vitest';
import { matchIds, plainId, withoutSubject } from '../../src/operators/match-ids.js';

const plain = [{ ofWanted: plainId, ofFound: plainId }];

test.each([
  ['001', '1'],
  ['1.tif', '1'],
  ['raw/test/010.nii.gz', '10'],
  ['01_007.png', '1_7'],
  ['0', '0'],
  ['head_100', 'head_100'],
])('%s is plainly %s', (id, expected) => {
  expect(plainId(id)).toBe(expected);
});

test('takes what is the same, and what is so but for padding and extension', () => {
  const { answers, taken } = matchIds(['1', '2', '003'], ['003.tif', '1', '02'], plain);
  expect(Object.fromEntries(answers)).toEqual({ 1: '1', 2: '02', '003': '003.tif' });
  expect(taken).toEqual([
    { found: '003.tif', wanted: '003' },
    { found: '02', wanted: '2' },
  ]);
});

test('takes nothing where two could be meant', () => {
  expect(matchIds(['1'], ['001', '1.tif'], plain).answers.size).toBe(0);
  expect(matchIds(['01', '001'], ['1'], plain).answers.size).toBe(0);
  expect([...matchIds(['1'], ['1', '001'], plain).answers]).toEqual([['1', '1']]);
});

test('leaves the subject away where the image alone decides', () => {
  const forms = [...plain, { ofWanted: withoutSubject, ofFound: plainId }];
  const { answers } = matchIds(['1_1', '1_2', '2_1'], ['1', '2'], forms);
  expect([...answers]).toEqual([['1_2', '2']]);
});
