import {
  type Code,
  get,
  i8x16,
  i16x8,
  i32,
  i32x4,
  increase,
  loop,
  repeat,
  seq,
  set,
  sum,
  v128,
} from '../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../assembly/module.js';

/** Sums are written sixteen columns at a time: this many more than there are, in all. */
export const columnsAtOnce = 16;

const interleaved = (from: number): number[] =>
  Array.from({ length: 16 }, (_, lane) => from + (lane >> 1) + (lane % 2) * 16);

/**
 * `sumRows(pixels, width, weights, pairs, sums)`: the weighted sum, column by column, of 2 * `pairs`
 * rows of `width` bytes from `pixels` on, as i32 to `sums`. Weights are of 16 bits each; an odd row's
 * partner has weight 0 and may lie beyond the image.
 */
function sumRows(m: ModuleBuilder): void {
  m.function('sumRows', ['pixels', 'width', 'weights', 'pairs', 'sums'] as const, (p, f) => {
    const [column, at, pair] = f.localsOf('i32', 3);
    const [weights, upper, lower, low, high] = f.localsOf('v128', 5);
    const sums = f.localsOf('v128', 4);
    const addTo = (nth: number, eight: Code): Code =>
      set(sums[nth]!, i32x4.add(get(sums[nth]!), i32x4.dot(eight, get(weights))));
    const twoRows = seq(
      set(weights, i32x4.splat(i32.load(i32.add(p.weights, i32.shl(get(pair), 2))))),
      set(upper, v128.load(get(at))),
      set(lower, v128.load(i32.add(get(at), p.width))),
      set(low, i8x16.shuffle(get(upper), get(lower), interleaved(0))),
      set(high, i8x16.shuffle(get(upper), get(lower), interleaved(8))),
      addTo(0, i16x8.ofLow(get(low))),
      addTo(1, i16x8.ofHigh(get(low))),
      addTo(2, i16x8.ofLow(get(high))),
      addTo(3, i16x8.ofHigh(get(high))),
      increase(at, i32.shl(p.width, 1)),
      increase(pair, i32.const(1)),
    );
    const sixteenColumns = seq(
      set(at, i32.add(p.pixels, get(column))),
      set(pair, i32.const(0)),
      ...sums.map((each) => set(each, v128.zero)),
      repeat(twoRows, i32.lt(get(pair), p.pairs)),
      ...sums.map((each, nth) =>
        v128.store(i32.add(p.sums, i32.shl(get(column), 2)), get(each), 16 * nth),
      ),
      increase(column, i32.const(columnsAtOnce)),
    );
    return loop(i32.lt(get(column), p.width), sixteenColumns);
  });
}

/**
 * `averageColumns(sums, starts, offsets, weights, out, columns, total)`: each of the `columns` bytes
 * at `out` becomes the weighted sum of some of the `sums` divided by `total`, rounded half up:
 * floor((2 sum + total) / 2 total), which has to hold in 32 bits. `starts`, `offsets` and `weights`
 * are those of `AxisWeights`, as i32.
 */
function averageColumns(m: ModuleBuilder): void {
  const parameters = ['sums', 'starts', 'offsets', 'weights', 'out', 'columns', 'total'] as const;
  m.function('averageColumns', parameters, (p, f: FunctionBuilder) => {
    const [column, source, tap, end, total] = f.localsOf('i32', 5);
    const nth = (base: Code, index: Code, offset = 0): Code =>
      i32.load(i32.add(base, i32.shl(index, 2)), offset);
    const four = i32.const(4);
    const oneColumn = seq(
      set(source, i32.add(p.sums, i32.shl(nth(p.starts, get(column)), 2))),
      set(tap, i32.add(p.weights, i32.shl(nth(p.offsets, get(column)), 2))),
      set(end, i32.add(p.weights, i32.shl(nth(p.offsets, get(column), 4), 2))),
      set(total, i32.const(0)),
      repeat(
        seq(
          increase(total, i32.mul(i32.load(get(source)), i32.load(get(tap)))),
          increase(source, four),
          increase(tap, four),
        ),
        i32.isBelow(get(tap), get(end)),
      ),
      i32.store8(
        i32.add(p.out, get(column)),
        i32.divUnsigned(sum(get(total), get(total), p.total), i32.shl(p.total, 1)),
      ),
      increase(column, i32.const(1)),
    );
    return loop(i32.lt(get(column), p.columns), oneColumn);
  });
}

export function average(m: ModuleBuilder): void {
  sumRows(m);
  averageColumns(m);
}
