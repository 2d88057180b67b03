import fc from 'fast-check';
import type { GridSize } from '../../src/operators/image.js';

export interface Drawn {
  readonly mask: Uint8Array;
  readonly size: GridSize;
}

/** A mask as one sees it: `#` is foreground. */
export function drawn(rows: readonly string[]): Drawn {
  const mask = Uint8Array.from(rows.join(''), (character) => (character === '#' ? 1 : 0));
  return { mask, size: { height: rows.length, width: rows[0]!.length } };
}

/** The other way round. */
export function rowsOf(mask: Uint8Array, { height, width }: GridSize): string[] {
  return Array.from({ length: height }, (_, row) =>
    Array.from(mask.subarray(row * width, (row + 1) * width), (v) => (v === 1 ? '#' : '.')).join(
      '',
    ),
  );
}

const someSize = fc.record({
  height: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
});

const maskOf = ({ height, width }: GridSize) =>
  fc.uint8Array({ min: 0, max: 1, minLength: height * width, maxLength: height * width });

/** A mask of any small grid. */
export const someMask: fc.Arbitrary<Drawn> = someSize.chain((size) =>
  maskOf(size).map((mask) => ({ mask, size })),
);

/** Two masks of one small grid. */
export const twoMasks = someSize.chain((size) =>
  fc.tuple(maskOf(size), maskOf(size)).map(([a, b]) => ({ a, b, size })),
);

/** The component of each pixel, -1 where it is not `value`; pixel by pixel. */
export function floodFilled(
  mask: Uint8Array,
  { height, width }: GridSize,
  value: 0 | 1,
  connectivity: 4 | 8,
): Int32Array {
  const labels = new Int32Array(mask.length).fill(-1);
  let next = 0;
  for (let first = 0; first < mask.length; first++) {
    if (mask[first] !== value || labels[first] !== -1) continue;
    const label = next++;
    const open = [first];
    labels[first] = label;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const row = Math.floor(at / width);
      const column = at % width;
      for (const [down, right] of neighbours(connectivity)) {
        const y = row + down;
        const x = column + right;
        const index = y * width + x;
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        if (mask[index] !== value || labels[index] !== -1) continue;
        labels[index] = label;
        open.push(index);
      }
    }
  }
  return labels;
}

function neighbours(connectivity: 4 | 8): [number, number][] {
  const edges: [number, number][] = [
    [0, 1],
    [0, -1],
    [1, 0],
    [-1, 0],
  ];
  const corners: [number, number][] = [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ];
  return connectivity === 4 ? edges : [...edges, ...corners];
}
