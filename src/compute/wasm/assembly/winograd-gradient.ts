import {
  type Code,
  get,
  i32,
  increase,
  type Local,
  range,
  seq,
  set,
  sum,
  v128,
  when,
} from '../../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../../assembly/module.js';
import { paddedInput } from './pad.js';
import { define, eachOwn, setShare } from './share.js';
import { panelRow } from './tile.js';
import { winogradGradientOut } from './winograd-gradient-out.js';
import { Strips } from './winograd-strips.js';
import { column, inputs, matrix, outputs, positions, setAll } from './winograd-tile.js';

/** A applied to two vectors: the transpose of the output transform. */
function outputAdjoint([a, b]: readonly Local[]): Code[] {
  return [
    get(a!),
    v128.add(get(a!), get(b!)),
    v128.sub(get(a!), get(b!)),
    v128.sub(v128.zero, get(b!)),
  ];
}

/** Parameters of `winogradGradient`, in order; bytes unless said otherwise. */
export const winogradGradientSignature = {
  name: 'winogradGradient',
  parameters: [
    ...paddedInput, // paddedImage: 2 * tileRows + 2 rows
    'pixel', // of x: channels * 4, a multiple of 16
    'dy', // [batch, outHeight, outWidth, panels * 8]
    'panels',
    'outHeight', // rows
    'outWidth', // pixels
    'tileRows', // tiles over an image's height
    'tileColumns', // tiles over its width
    'channelRows', // channels of a tile of the product
    'partial', // [chunks, 16, panels, channels, 8]
    'chunks', // parts of the batch whose sums are kept apart
    'strip', // rows of tiles worked on together
    'scratch', // for each thread, scratchBytes
    'scratchBytes', // block * paddedImage + strip * tileColumns * 16 * (pixel + panels * 32)
    'block', // images worked on together
    'batch', // images
  ],
} as const;

type Parameters = Record<(typeof winogradGradientSignature.parameters)[number], Code>;

/**
 * A dY A' of `lines` rows of tiles, as panels: [16, panels, lines * tileColumns, 8] from `to` on.
 * Pixels past the edge count as zero.
 */
function linesOfGradient(
  f: FunctionBuilder,
  p: Parameters,
  image: Code,
  first: Code,
  lines: Code,
  start: Code,
): Code {
  const [i, x, k, tileRow, from, at, tile, hasRow, hasColumn] = f.localsOf('i32', 9);
  const d = matrix(f, outputs, outputs);
  const t = matrix(f, inputs, outputs);
  const dyPixel = i32.mul(p.panels, i32.const(panelRow));
  const dyRow = i32.mul(p.outWidth, dyPixel);
  const line = i32.add(first, get(i));
  const panelBytes = i32.mul(i32.mul(lines, p.tileColumns), i32.const(panelRow));
  const address = i32.add(get(from), get(k));
  const loadIf = (local: Local, condition: Code, at: Code): Code =>
    when(condition, set(local, v128.load(at)), set(local, v128.zero));
  const one = seq(
    set(d[0]![0]!, v128.load(address)),
    loadIf(d[0]![1]!, get(hasColumn), i32.add(address, dyPixel)),
    loadIf(d[1]![0]!, get(hasRow), i32.add(address, dyRow)),
    loadIf(
      d[1]![1]!,
      i32.and(get(hasRow), get(hasColumn)),
      i32.add(i32.add(address, dyRow), dyPixel),
    ),
    ...[0, 1].map((c) => setAll(column(t, c), outputAdjoint(column(d, c)))),
    // Which panel, which half of its rows.
    set(
      at,
      sum(
        start,
        i32.mul(i32.div(get(k), i32.const(panelRow)), panelBytes),
        i32.mul(get(tile), i32.const(panelRow)),
        i32.rem(get(k), i32.const(panelRow)),
      ),
    ),
    ...t.flatMap((row) =>
      outputAdjoint(row).map((value) =>
        seq(v128.store(get(at), value), increase(at, i32.mul(p.panels, panelBytes))),
      ),
    ),
  );
  return seq(
    set(tile, i32.const(0)),
    range(
      i,
      i32.const(0),
      lines,
      seq(
        set(tileRow, i32.rem(line, p.tileRows)),
        set(hasRow, i32.lt(i32.add(i32.shl(get(tileRow), 1), i32.const(1)), p.outHeight)),
        set(
          from,
          i32.add(
            p.dy,
            i32.mul(
              i32.add(
                i32.mul(i32.add(image, i32.div(line, p.tileRows)), p.outHeight),
                i32.shl(get(tileRow), 1),
              ),
              dyRow,
            ),
          ),
        ),
        range(
          x,
          i32.const(0),
          p.tileColumns,
          seq(
            set(hasColumn, i32.lt(i32.add(i32.shl(get(x), 1), i32.const(1)), p.outWidth)),
            range(k, i32.const(0), dyPixel, one, i32.const(16)),
            increase(from, i32.shl(dyPixel, 1)),
            increase(tile, i32.const(1)),
          ),
        ),
      ),
    ),
  );
}

/**
 * Gradient of a 3x3 stride 1 convolution's filter, the adjoint of `winograd`: with V = B' d B,
 *
 *   dU = sum over tiles of V (A dY A'), dW = G' dU G
 *
 * dU is summed here, for each chunk of the batch apart. Chunks do not depend on the number of
 * threads, so neither does the result; threads share chunks.
 */
function sums(m: ModuleBuilder, pad: FunctionBuilder, correlateTile: FunctionBuilder): void {
  define(m, winogradGradientSignature, (p, f) => {
    const chunk = f.local();
    const strips = new Strips(f, p);
    const { image, last, first, lines, v, vPlane, tiles } = strips;
    const [gradient, matrixIndex, channel, goesOn, into] = f.localsOf('i32', 5);

    const channels = i32.div(p.pixel, i32.const(4));
    const matrices = i32.mul(i32.const(positions), p.panels);

    const multiply = range(
      matrixIndex,
      i32.const(0),
      matrices,
      range(
        channel,
        i32.const(0),
        channels,
        correlateTile.call(
          sum(
            get(v),
            i32.mul(i32.div(get(matrixIndex), p.panels), get(vPlane)),
            i32.shl(get(channel), 2),
          ),
          p.pixel,
          i32.const(0),
          i32.const(0),
          i32.const(1),
          i32.const(1),
          tiles,
          i32.add(get(gradient), i32.mul(get(matrixIndex), i32.mul(tiles, i32.const(panelRow)))),
          i32.add(
            get(into),
            i32.mul(
              i32.add(i32.mul(get(matrixIndex), channels), get(channel)),
              i32.const(panelRow),
            ),
          ),
          i32.min(p.channelRows, i32.sub(channels, get(channel))),
          get(goesOn),
        ),
        p.channelRows,
      ),
    );

    const oneStrip = seq(
      set(gradient, strips.behind),
      linesOfGradient(f, p, get(image), get(first), get(lines), get(gradient)),
      multiply,
      set(goesOn, i32.const(1)),
    );

    return seq(
      strips.start(),
      eachOwn(
        chunk,
        p.chunks,
        p,
        seq(
          setShare(image, last, p.batch, { part: get(chunk), parts: p.chunks }),
          set(
            into,
            i32.add(
              p.partial,
              i32.mul(get(chunk), i32.mul(i32.mul(matrices, channels), i32.const(panelRow))),
            ),
          ),
          set(goesOn, i32.const(0)),
          strips.each(pad, oneStrip),
        ),
      ),
    );
  });
}

export function winogradGradient(
  m: ModuleBuilder,
  pad: FunctionBuilder,
  correlateTile: FunctionBuilder,
): void {
  sums(m, pad, correlateTile);
  winogradGradientOut(m);
}
