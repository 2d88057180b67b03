import {
  type Code,
  get,
  i32,
  increase,
  loop,
  memory,
  range,
  repeat,
  seq,
  set,
  sum,
  v128,
  when,
} from '../../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../../assembly/module.js';
import { paddedInput, readyBlock } from './pad.js';
import { define, setShare } from './share.js';
import { coverWithTiles, type Madd, panelRow, TileRegisters, tileColumns } from './tile.js';

/**
 * One row of pixels of a convolution, 8 filters of it.
 *
 * In NHWC the taps of one filter row at one pixel lie side by side: `segmentBytes` = S * C * 4
 * bytes. So out[x, k] = sum over r < segments, j < S * C of a[r * aRow + x * aPixel + j] * b[r, j, k]
 * is a product of matrices whose left one is the image itself, rows overlapping.
 */
export function convolveRow(m: ModuleBuilder, madd: Madd): FunctionBuilder {
  return m.function(
    'convolveRow',
    [
      'a',
      'aPixel',
      'aRow',
      'segments',
      'segmentBytes',
      'b',
      'bias',
      'c',
      'cPixel',
      'columns',
      'count',
      'floorF32',
    ] as const,
    (p, f, locals) => {
      const registers = new TileRegisters(f);
      const pointers = f.localsOf('i32', 6);
      const [first] = pointers;
      const [b, segment, left, end] = f.localsOf('i32', 4);
      const floor = f.local('v128');

      const steps = (rows: number, count: number): Code =>
        seq(
          ...Array.from({ length: count }, (_, j) =>
            registers.step(
              rows,
              b,
              j * panelRow,
              (r) => ({ base: pointers[r]!, offset: j * 4 }),
              madd,
            ),
          ),
          increase(b, i32.const(count * panelRow)),
          ...pointers.slice(0, rows).map((pointer) => increase(pointer, i32.const(count * 4))),
        );

      const tile = (rows: number): Code =>
        seq(
          registers.start(rows, (_, half) => v128.load(p.bias, half * 16)),
          set(b, p.b),
          set(segment, p.a),
          set(left, p.segments),
          repeat(
            seq(
              set(first, get(segment)),
              ...pointers
                .slice(1, rows)
                .map((pointer, i) => set(pointer, i32.add(get(pointers[i]!), p.aPixel))),
              set(end, i32.add(get(segment), i32.and(p.segmentBytes, i32.const(-16)))),
              loop(i32.isBelow(get(first), get(end)), steps(rows, 4)),
              set(end, i32.add(get(segment), p.segmentBytes)),
              loop(i32.isBelow(get(first), get(end)), steps(rows, 1)),
              increase(segment, p.aRow),
              increase(left, i32.const(-1)),
            ),
            get(left),
          ),
          registers.store(rows, locals.c, p.cPixel, p.columns, (v) => v128.pmax(v, get(floor))),
          increase(locals.a, i32.mul(p.aPixel, i32.const(rows))),
        );

      return seq(set(floor, v128.splat(p.floorF32)), coverWithTiles(locals.count, tile));
    },
  );
}

/** Parameters of `convolve`, in order; bytes unless said otherwise. */
export const convolveSignature = {
  name: 'convolve',
  parameters: [
    ...paddedInput,
    'aPixel', // from one output pixel's taps to the next's
    'aLine', // from one output row's taps to the next's
    'segments', // rows of the filter
    'segmentBytes', // of one row of taps: S * C * 4
    'b', // packed filter, [tiles, segments * S * C, 8]
    'bias', // [tiles, 8]
    'tiles',
    'columns', // float32 in a row of C: K
    'c',
    'cPixel',
    'cRow',
    'cImage',
    'rows', // output rows
    'pixels', // output pixels of a row
    'floorF32', // lowest value of the output: 0 is relu
    'scratch', // for each thread, block * paddedImage
    'block', // images worked on together
    'batch', // images
  ],
} as const;

/**
 * Convolution of NHWC images with a packed filter; threads share the images.
 *
 * A block of images is padded into scratch memory that fits a core's cache, then each panel of 8
 * filters passes over the block.
 */
export function convolve(m: ModuleBuilder, pad: FunctionBuilder, row: FunctionBuilder): void {
  define(m, convolveSignature, (p, f) => {
    const [image, last, count, mine, base, tile, i, y, a, c] = f.localsOf('i32', 10);
    const padded = i32.sub(p.paddedImage, p.xImage);
    const panelBytes = i32.mul(i32.mul(p.segments, p.segmentBytes), i32.const(8));

    const oneImage = seq(
      set(a, i32.add(get(base), i32.mul(get(i), p.paddedImage))),
      set(
        c,
        sum(
          p.c,
          i32.mul(i32.add(get(image), get(i)), p.cImage),
          i32.mul(get(tile), i32.const(panelRow)),
        ),
      ),
      range(
        y,
        i32.const(0),
        p.rows,
        seq(
          row.call(
            get(a),
            p.aPixel,
            p.paddedRow,
            p.segments,
            p.segmentBytes,
            i32.add(p.b, i32.mul(get(tile), panelBytes)),
            i32.add(p.bias, i32.mul(get(tile), i32.const(panelRow))),
            get(c),
            p.cPixel,
            i32.sub(p.columns, i32.mul(get(tile), i32.const(tileColumns))),
            p.pixels,
            p.floorF32,
          ),
          increase(a, p.aLine),
          increase(c, p.cRow),
        ),
      ),
    );

    return seq(
      setShare(image, last, p.batch, p),
      set(mine, i32.add(p.scratch, i32.mul(p.thread, i32.mul(p.block, p.paddedImage)))),
      // The zeros around the images stay from block to block.
      when(padded, memory.fill(get(mine), i32.const(0), i32.mul(p.block, p.paddedImage))),
      loop(
        i32.lt(get(image), get(last)),
        seq(
          readyBlock(pad, p, { image, count, base, mine }, get(last)),
          range(tile, i32.const(0), p.tiles, range(i, i32.const(0), get(count), oneImage)),
          increase(image, get(count)),
        ),
      ),
    );
  });
}
