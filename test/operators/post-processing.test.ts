import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cleanMask,
  type PostProcessing,
  postProcess,
  thresholdOnly,
} from '../../src/operators/post-processing.js';
import { maskFromProbabilities } from '../../src/operators/resize-probabilities.js';
import { drawn, floodFilled, rowsOf, someMask } from './masks.js';

const asItIs = { fillHoles: false, largestComponents: null, leastArea: 0 };

function cleaned(rows: readonly string[], settings: Partial<PostProcessing>): string[] {
  const { mask, size } = drawn(rows);
  cleanMask(mask, size, { ...asItIs, ...settings });
  return rowsOf(mask, size);
}

describe('cleanMask', () => {
  test('fills what is enclosed over edges, not what opens to the border', () => {
    expect(cleaned(['.###.', '#..#.', '.####', '.#.#.'], { fillHoles: true })).toEqual([
      '.###.',
      '####.',
      '.####',
      '.#.#.',
    ]);
  });

  test('keeps the largest components, the first of equal ones', () => {
    const rows = ['##..#', '....#', '#....', '....#'];
    expect(cleaned(rows, { largestComponents: 1 })).toEqual(['##...', '.....', '.....', '.....']);
    expect(cleaned(rows, { largestComponents: 2 })).toEqual(['##..#', '....#', '.....', '.....']);
  });

  test('drops what is smaller than a share of the image', () => {
    const rows = ['##..#', '....#', '#....', '....#'];
    expect(cleaned(rows, { leastArea: 0.1 })).toEqual(['##..#', '....#', '.....', '.....']);
    expect(cleaned(rows, { leastArea: 0.11 })).toEqual(['.....', '.....', '.....', '.....']);
  });

  test('a filled hole counts towards the area', () => {
    const rows = ['###..', '#.#..', '###.#'];
    expect(cleaned(rows, { fillHoles: true, leastArea: 9 / 15 })).toEqual([
      '###..',
      '###..',
      '###..',
    ]);
    expect(cleaned(rows, { leastArea: 9 / 15 })).toEqual(['.....', '.....', '.....']);
  });

  test('agrees with a flood fill on any mask, and cleaning again changes nothing', () => {
    const anySettings = fc.record({
      fillHoles: fc.boolean(),
      largestComponents: fc.constantFrom(null, 1, 2),
      leastArea: fc.constantFrom(0, 0.05, 0.2),
    });
    fc.assert(
      fc.property(someMask, anySettings, ({ mask, size }, settings) => {
        const expected = mask.slice();
        if (settings.fillHoles) {
          const background = floodFilled(mask, size, 0, 4);
          const open = new Set(
            [...background.keys()]
              .filter((at) => {
                const row = Math.floor(at / size.width);
                const column = at % size.width;
                return (
                  row === 0 || column === 0 || row === size.height - 1 || column === size.width - 1
                );
              })
              .map((at) => background[at]),
          );
          for (const [at, label] of background.entries()) {
            if (label !== -1 && !open.has(label)) expected[at] = 1;
          }
        }
        const parts = floodFilled(expected, size, 1, 8);
        const areaOf = (label: number) => parts.filter((l) => l === label).length;
        const ranked = [...new Set(parts)]
          .filter((label) => label !== -1)
          .sort((a, b) => areaOf(b) - areaOf(a) || a - b)
          .slice(0, settings.largestComponents ?? undefined)
          .filter((label) => areaOf(label) >= settings.leastArea * mask.length);
        for (const [at, label] of parts.entries()) if (!ranked.includes(label)) expected[at] = 0;

        const found = mask.slice();
        const pixels = cleanMask(found, size, settings);
        expect(found).toEqual(expected);
        expect(pixels).toBe(expected.filter((value) => value === 1).length);
        cleanMask(found, size, settings);
        expect(found).toEqual(expected);
      }),
    );
  });
});

describe('postProcess', () => {
  const from = { height: 2, width: 2 };
  const to = { height: 4, width: 6 };
  const map = Float32Array.from([0.9, 0.2, 0.1, 0.8]);

  test('with a threshold alone it is the thresholded map', () => {
    expect(postProcess(map, from, to, thresholdOnly(0.5))).toEqual(
      maskFromProbabilities(map, from, to, 0.5),
    );
  });

  test('the presence gate empties the mask, and is open where the model does not tell', () => {
    // Of the pixels drawn the model is sure to 0.85: with a presence of 0.35 that is 0.6 in the mean.
    const gated = { ...thresholdOnly(0.5), presenceThreshold: 0.6 };
    const open = maskFromProbabilities(map, from, to, 0.5);
    expect(postProcess(map, from, to, gated, 0.34)).toEqual({
      mask: new Uint8Array(24),
      pixels: 0,
    });
    expect(postProcess(map, from, to, gated, 0.36)).toEqual(open);
    expect(postProcess(map, from, to, gated)).toEqual(open);
    expect(postProcess(map, from, to, thresholdOnly(0.5), 0)).toEqual(open);
  });

  test('cleans on the wanted grid', () => {
    const one = { ...thresholdOnly(0.5), largestComponents: 1 };
    const { mask, pixels } = postProcess(map, from, to, one);
    expect(pixels).toBeGreaterThan(0);
    expect(floodFilled(mask, to, 1, 8).some((label) => label > 0)).toBe(false);
  });
});
