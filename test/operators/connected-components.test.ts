import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Connectivity, componentsOf } from '../../src/operators/connected-components.js';
import { drawn, floodFilled, someMask } from './masks.js';

test('runs and areas of a small mask, over corners and not', () => {
  const { mask, size } = drawn(['##..', '..#.', '#..#']);
  expect(componentsOf(mask, size, 1, 8).areas).toEqual([4, 1]);
  expect(componentsOf(mask, size, 1, 4).areas).toEqual([2, 1, 1, 1]);
  expect(componentsOf(mask, size, 0, 4).areas).toEqual([3, 4]);
});

test('an empty mask has none, a full one is one', () => {
  const size = { height: 3, width: 5 };
  expect(componentsOf(new Uint8Array(15), size, 1, 8).areas).toEqual([]);
  expect(componentsOf(new Uint8Array(15).fill(1), size, 1, 4).areas).toEqual([15]);
});

test('the same components, in the same order, as a flood fill pixel by pixel', () => {
  const connectivities = fc.constantFrom<Connectivity>(4, 8);
  const values = fc.constantFrom<0 | 1>(0, 1);
  fc.assert(
    fc.property(someMask, values, connectivities, ({ mask, size }, value, connectivity) => {
      const { starts, ends, labels, areas } = componentsOf(mask, size, value, connectivity);
      const painted = new Int32Array(mask.length).fill(-1);
      for (const [run, start] of starts.entries()) painted.fill(labels[run]!, start, ends[run]);
      const expected = floodFilled(mask, size, value, connectivity);
      expect(painted).toEqual(expected);
      const counted = areas.map((_, label) => expected.filter((l) => l === label).length);
      expect(areas).toEqual(counted);
    }),
  );
});
