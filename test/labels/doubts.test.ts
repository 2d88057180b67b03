import { expect, test } from 'vitest';
import { type DoubtContext, doubtsOf, doubtsOfSet } from '../../src/labels/doubts.js';

const [height, width] = [20, 30];
const ofWhere = (isIn: (row: number, column: number) => boolean) => ({
  height,
  width,
  data: Uint8Array.from({ length: height * width }, (_, at) =>
    isIn(Math.floor(at / width), at % width) ? 1 : 0,
  ),
});
const box = ofWhere((row, column) => row > 4 && row < 12 && column > 6 && column < 20);
const most = ofWhere((row) => row < 15);
const empty = ofWhere(() => false);

function codesOf(mask: typeof box, more: DoubtContext = {}): string[] {
  return doubtsOf(mask, more).map(({ code }) => code);
}

test('a usual mask and an empty one are not doubtful', () => {
  expect(codesOf(box)).toEqual([]);
  expect(codesOf(box, { values: box.data.map((value) => value * 255) })).toEqual([]);
  expect(codesOf(empty, { values: empty.data, image: empty.data })).toEqual([]);
});

test('all foreground, most of it, the whole border', () => {
  expect(codesOf(ofWhere(() => true))).toEqual(['MASK_ALL_FOREGROUND']);
  expect(codesOf(most)).toEqual(['MASK_COVERS_MOST']);
  const around = { ...box, data: box.data.map((value) => 1 - value) };
  expect(codesOf(around)).toEqual(['MASK_COVERS_MOST', 'MASK_ON_BORDER']);
  const frame = ofWhere((row, column) => row % 19 === 0 || column % 29 === 0);
  expect(codesOf(frame)).toEqual(['MASK_ON_BORDER']);
  frame.data[width] = 0;
  expect(codesOf(frame)).toEqual([]);
});

test('what somebody has settled is not doubtful, but all foreground stays so', () => {
  expect(codesOf(most, { isSettled: true })).toEqual([]);
  expect(
    codesOf(
      ofWhere(() => true),
      { isSettled: true },
    ),
  ).toEqual(['MASK_ALL_FOREGROUND']);
});

test('a head that fills its picture is legitimate where outlines were filled', () => {
  expect(codesOf(most, { kind: 'outline' })).toEqual([]);
  expect(
    codesOf(
      ofWhere((row) => row < 19),
      { kind: 'outline' },
    ),
  ).toEqual(['MASK_COVERS_MOST']);
});

test('a photograph, and its own image', () => {
  const photograph = Uint8Array.from(box.data, (_, at) => (at * 37) % 251);
  expect(codesOf(box, { values: photograph })).toEqual(['MASK_LOOKS_LIKE_PHOTOGRAPH']);
  expect(codesOf(box, { values: photograph, image: photograph.slice() })).toEqual([
    'MASK_IS_ITS_IMAGE',
    'MASK_LOOKS_LIKE_PHOTOGRAPH',
  ]);
  expect(codesOf(box, { values: Uint16Array.from(photograph, (v) => v * 256) })).toEqual([
    'MASK_LOOKS_LIKE_PHOTOGRAPH',
  ]);
});

test('the grey steps of a soft edge are none of a photograph', () => {
  const soft = Uint8Array.from(box.data, (_, at) => {
    const out = Math.max(Math.abs(Math.floor(at / width) - 8) - 4, Math.abs((at % width) - 13) - 6);
    return Math.min(255, Math.max(0, 128 - out * 90 + (at % 7)));
  });
  expect(codesOf(box, { values: soft })).toEqual([]);
});

test('a set without one positive mask', () => {
  expect(doubtsOfSet({ pairs: 3, positive: 0 }).map(({ code }) => code)).toEqual([
    'MASKS_ALL_EMPTY',
  ]);
  expect(doubtsOfSet({ pairs: 3, positive: 1 })).toEqual([]);
  expect(doubtsOfSet({ pairs: 0, positive: 0 })).toEqual([]);
});
