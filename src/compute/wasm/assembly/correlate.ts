import {
  type Code,
  f32,
  get,
  i32,
  increase,
  loop,
  memory,
  range,
  seq,
  set,
  sum,
  v128,
  when,
} from '../../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../../assembly/module.js';
import { paddedInput, readyBlock } from './pad.js';
import { define, setShare } from './share.js';
import { panelRow, tileColumns } from './tile.js';

/** Rows of dY, 8 columns from `from` on, side by side: to[row][8], zeros past the last column. */
function panelOf(m: ModuleBuilder): FunctionBuilder {
  return m.function(
    'panelOf',
    ['from', 'rowBytes', 'columns', 'rows', 'to'] as const,
    (p, f, locals) => {
      const [i, k] = f.localsOf('i32', 2);
      const next = seq(increase(locals.from, p.rowBytes), increase(locals.to, i32.const(panelRow)));
      const whole = seq(
        v128.store(p.to, v128.load(p.from)),
        v128.store(p.to, v128.load(p.from, 16), 16),
        next,
      );
      const part = seq(
        v128.store(p.to, v128.zero),
        v128.store(p.to, v128.zero, 16),
        range(
          k,
          i32.const(0),
          p.columns,
          copyFloat(i32.add(p.to, i32.shl(get(k), 2)), i32.add(p.from, i32.shl(get(k), 2))),
        ),
        next,
      );
      return when(
        i32.ge(p.columns, i32.const(tileColumns)),
        range(i, i32.const(0), p.rows, whole),
        range(i, i32.const(0), p.rows, part),
      );
    },
  );
}

function copyFloat(to: Code, from: Code): Code {
  return f32.store(to, f32.load(from));
}

/** Parameters of `correlate`, in order; bytes unless said otherwise. */
export const correlateSignature = {
  name: 'correlate',
  parameters: [
    ...paddedInput,
    'aPixel', // from one output pixel's taps to the next's
    'aLine', // from one output row's taps to the next's
    'segments', // rows of the filter
    'taps', // float32 in a row of taps: S * C
    'tileRows', // taps of a tile
    'dy', // [batch, lines, pixels, columns]
    'columns', // float32 in a row of dY: K
    'lines', // output rows
    'pixels', // output pixels of a row
    'partial', // [tiles, segments * taps, 8]
    'dw', // [segments * taps, columns]
    'scratch', // for each thread, block * (paddedImage + a panel of dY)
    'block', // images worked on together
    'batch',
  ],
} as const;

/**
 * Gradient of a convolution's filter:
 * dW[r, j, k] = sum over n, y, x of X[n, y * stride + r, x * stride][j] * dY[n, y, x, k].
 *
 * Threads share the tiles of dW, so that each sum is done by one thread in one order: the result
 * does not depend on their number. A block of images is padded into scratch memory that fits a
 * core's cache, then all tiles pass over the block.
 */
export function correlate(m: ModuleBuilder, pad: FunctionBuilder, tile: FunctionBuilder): void {
  const panel = panelOf(m);
  define(m, correlateSignature, (p, f) => {
    const [
      image,
      count,
      mine,
      base,
      panelAt,
      perLine,
      perPanel,
      first,
      last,
      item,
      panelIndex,
      panelReady,
      segment,
      tap,
      rows,
      at,
      to,
      i,
      k,
    ] = f.localsOf('i32', 19);

    const padded = i32.sub(p.paddedImage, p.xImage);
    const panels = i32.div(i32.add(p.columns, i32.const(tileColumns - 1)), i32.const(tileColumns));
    const dyPixel = i32.shl(p.columns, 2);
    const pixels = i32.mul(p.lines, p.pixels);
    const imageBytes = i32.add(p.paddedImage, i32.mul(pixels, i32.const(panelRow)));
    const columnsLeft = i32.sub(p.columns, i32.mul(get(panelIndex), i32.const(tileColumns)));

    /** Which panel, filter row and tap `item` stands for, and where its sums are kept. */
    const locate = seq(
      set(panelIndex, i32.div(get(item), get(perPanel))),
      set(segment, i32.div(i32.rem(get(item), get(perPanel)), get(perLine))),
      set(tap, i32.mul(i32.rem(get(item), get(perLine)), p.tileRows)),
      set(rows, i32.min(p.tileRows, i32.sub(p.taps, get(tap)))),
      set(
        at,
        i32.add(
          p.partial,
          i32.mul(
            sum(
              i32.mul(get(panelIndex), i32.mul(p.segments, p.taps)),
              i32.mul(get(segment), p.taps),
              get(tap),
            ),
            i32.const(panelRow),
          ),
        ),
      ),
    );

    const oneTile = seq(
      locate,
      when(
        i32.sub(get(panelIndex), get(panelReady)),
        seq(
          panel.call(
            sum(
              p.dy,
              i32.mul(get(image), i32.mul(pixels, dyPixel)),
              i32.mul(get(panelIndex), i32.const(panelRow)),
            ),
            dyPixel,
            columnsLeft,
            i32.mul(get(count), pixels),
            get(panelAt),
          ),
          set(panelReady, get(panelIndex)),
        ),
      ),
      tile.call(
        sum(get(base), i32.mul(get(segment), p.paddedRow), i32.shl(get(tap), 2)),
        p.aPixel,
        p.aLine,
        p.paddedImage,
        get(count),
        p.lines,
        p.pixels,
        get(panelAt),
        get(at),
        get(rows),
        get(image),
      ),
    );

    /** From panels back to dW's own rows. */
    const unpackTile = seq(
      locate,
      set(
        to,
        sum(
          p.dw,
          i32.mul(i32.add(i32.mul(get(segment), p.taps), get(tap)), dyPixel),
          i32.mul(get(panelIndex), i32.const(panelRow)),
        ),
      ),
      range(
        i,
        i32.const(0),
        get(rows),
        seq(
          range(
            k,
            i32.const(0),
            i32.min(i32.const(tileColumns), columnsLeft),
            copyFloat(i32.add(get(to), i32.shl(get(k), 2)), i32.add(get(at), i32.shl(get(k), 2))),
          ),
          increase(to, dyPixel),
          increase(at, i32.const(panelRow)),
        ),
      ),
    );

    return seq(
      set(perLine, i32.div(i32.sub(i32.add(p.taps, p.tileRows), i32.const(1)), p.tileRows)),
      set(perPanel, i32.mul(get(perLine), p.segments)),
      setShare(first, last, i32.mul(panels, get(perPanel)), p),
      set(mine, i32.add(p.scratch, i32.mul(p.thread, i32.mul(p.block, imageBytes)))),
      set(panelAt, i32.add(get(mine), i32.mul(p.block, p.paddedImage))),
      // The zeros around the images stay from block to block.
      when(padded, memory.fill(get(mine), i32.const(0), i32.mul(p.block, p.paddedImage))),
      set(image, i32.const(0)),
      loop(
        i32.lt(get(image), p.batch),
        seq(
          readyBlock(pad, p, { image, count, base, mine }, p.batch),
          set(panelReady, i32.const(-1)),
          range(item, get(first), get(last), oneTile),
          increase(image, get(count)),
        ),
      ),
      range(item, get(first), get(last), unpackTile),
    );
  });
}
