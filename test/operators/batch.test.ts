import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunk, packImages, packPairs } from '../../src/operators/batch.js';
import { epochOrder } from '../../src/operators/epoch-order.js';

test('an epoch visits every id once, whatever the order they come in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer(), fc.nat(), (ids, seed, epoch) => {
      const order = epochOrder(ids, seed, epoch);
      expect([...order].sort()).toEqual([...ids].sort());
      expect(epochOrder([...ids].reverse(), seed, epoch)).toEqual(order);
    }),
  );
});

test('seed and epoch change the order; both the same repeat it forever', () => {
  const ids = Array.from({ length: 10 }, (_, index) => `1_${index + 1}`);
  expect(epochOrder(ids, 1, 1)).toMatchInlineSnapshot(`
    [
      "1_8",
      "1_1",
      "1_6",
      "1_4",
      "1_7",
      "1_2",
      "1_9",
      "1_3",
      "1_10",
      "1_5",
    ]
  `);
  expect(epochOrder(ids, 1, 2)).not.toEqual(epochOrder(ids, 1, 1));
  expect(epochOrder(ids, 2, 1)).not.toEqual(epochOrder(ids, 1, 1));
});

test('every id comes first about equally often', () => {
  const firsts = new Map<string, number>();
  for (let epoch = 0; epoch < 5000; epoch++) {
    const first = epochOrder(['a', 'b', 'c', 'd', 'e'], 7, epoch)[0]!;
    firsts.set(first, (firsts.get(first) ?? 0) + 1);
  }
  for (const count of firsts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
});

test('chunk keeps the partial last batch', () => {
  expect(chunk([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunk([1, 2], 2)).toEqual([[1, 2]]);
  expect(chunk([], 2)).toEqual([]);
  expect(() => chunk([1], 0)).toThrow(RangeError);
});

test('packing copies item after item', () => {
  const image = new Uint8Array([1, 2]);
  const batch = packPairs([
    { image, mask: new Uint8Array([0, 1]) },
    { image: new Uint8Array([3, 4]), mask: new Uint8Array([1, 1]) },
  ]);
  image[0] = 9;
  expect(batch).toEqual({
    count: 2,
    images: new Uint8Array([1, 2, 3, 4]),
    masks: new Uint8Array([0, 1, 1, 1]),
  });
  expect(packImages([])).toEqual({ count: 0, images: new Uint8Array(0) });
  expect(() => packImages([new Uint8Array(2), new Uint8Array(3)])).toThrow(/item 1 .* 3 pixels/);
});
