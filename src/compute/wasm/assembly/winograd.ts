import {
  type Code,
  f32,
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
import { panelRow, tileColumns } from './tile.js';
import { Strips } from './winograd-strips.js';
import { column, inputs, matrix, outputs, positions, setAll } from './winograd-tile.js';

/** A' applied to four vectors. */
function outputTransform([a, b, c, d]: readonly Local[]): Code[] {
  return [
    v128.add(v128.add(get(a!), get(b!)), get(c!)),
    v128.sub(v128.sub(get(b!), get(c!)), get(d!)),
  ];
}

/** G applied to three vectors. */
function filterTransform([a, b, c]: readonly Local[]): Code[] {
  const half = v128.splat(f32.const(0.5));
  const ends = v128.add(get(a!), get(c!));
  return [
    get(a!),
    v128.mul(half, v128.add(ends, get(b!))),
    v128.mul(half, v128.sub(ends, get(b!))),
    get(c!),
  ];
}

/** Parameters of `winogradFilter`, in order. */
export const winogradFilterSignature = {
  name: 'winogradFilter',
  parameters: [
    'packed', // [panels, 9 * channels, 8]
    'channels',
    'panels',
    'u', // [16, panels, channels, 8]
  ],
} as const;

/** U = G g G' for each channel and filter; threads share panels. */
function winogradFilter(m: ModuleBuilder): void {
  define(m, winogradFilterSignature, (p, f) => {
    const [panel, i, from, to] = f.localsOf('i32', 4);
    const g = matrix(f, 3, 3);
    const h = matrix(f, inputs, 3);
    const panelBytes = i32.mul(p.channels, i32.const(panelRow));
    const load: Code[] = [];
    for (let r = 0; r < 3; r++) {
      for (let s = 0; s < 3; s++) {
        load.push(set(g[r]![s]!, v128.load(get(from))), increase(from, panelBytes));
      }
    }
    const store: Code[] = [];
    for (const row of h) {
      for (const value of filterTransform(row)) {
        store.push(v128.store(get(to), value), increase(to, i32.mul(p.panels, panelBytes)));
      }
    }
    return eachOwn(
      panel,
      p.panels,
      p,
      range(
        i,
        i32.const(0),
        panelBytes,
        seq(
          set(from, sum(p.packed, i32.mul(get(panel), i32.mul(panelBytes, i32.const(9))), get(i))),
          set(to, sum(p.u, i32.mul(get(panel), panelBytes), get(i))),
          ...load,
          ...[0, 1, 2].map((s) => setAll(column(h, s), filterTransform(column(g, s)))),
          ...store,
        ),
        i32.const(16),
      ),
    );
  });
}

/** Parameters of `winograd`, in order; bytes unless said otherwise. */
export const winogradSignature = {
  name: 'winograd',
  parameters: [
    ...paddedInput, // paddedImage: 2 * tileRows + 2 rows
    'pixel', // of x: channels * 4, a multiple of 16
    'u', // [16, panels, channels, 8]
    'panels',
    'bias', // [panels, 8]
    'zeros', // 8 of them
    'out',
    'outPixel', // panels * 32
    'outHeight', // rows
    'outWidth', // pixels
    'tileRows', // tiles over an image's height
    'tileColumns', // tiles over its width
    'strip', // rows of tiles worked on together
    'floorF32', // lowest value of the output: 0 is relu
    'scratch', // for each thread, scratchBytes
    'scratchBytes', // block * paddedImage + strip * tileColumns * 16 * (pixel + outPixel)
    'block', // images worked on together
    'batch', // images
  ],
} as const;

type Parameters = Record<(typeof winogradSignature.parameters)[number], Code>;

/** Y = A' M A of one tile: four channels of 16 planes from `from` on to 2x2 pixels at `to`. */
function tileOut(
  f: FunctionBuilder,
  p: Parameters,
  from: Code,
  plane: Code,
  bias: Code,
  to: Code,
  isWhole: { rows: Code; columns: Code },
): Code {
  const at = f.local();
  const floor = f.local('v128');
  const m = f.localsOf('v128', inputs);
  const s = matrix(f, inputs, outputs);
  const rows = s.map((row) =>
    seq(
      ...m.map((local) => seq(set(local, v128.load(get(at))), increase(at, plane))),
      setAll(row, outputTransform(m)),
    ),
  );
  const finished = (value: Code): Code => v128.pmax(v128.add(value, v128.load(bias)), get(floor));
  const line = (row: number, address: Code): Code =>
    seq(
      v128.store(address, finished(outputTransform(column(s, 0))[row]!)),
      when(
        isWhole.columns,
        v128.store(i32.add(address, p.outPixel), finished(outputTransform(column(s, 1))[row]!)),
      ),
    );
  return seq(
    set(floor, v128.splat(p.floorF32)),
    set(at, from),
    ...rows,
    line(0, to),
    when(isWhole.rows, line(1, i32.add(to, i32.mul(p.outWidth, p.outPixel)))),
  );
}

/**
 * 3x3 stride 1 convolution of NHWC images; threads share the images.
 *
 * A block of images is padded into scratch memory, then strips of tiles are transformed, multiplied
 * and transformed back while they are in a core's cache.
 */
export function winograd(
  m: ModuleBuilder,
  pad: FunctionBuilder,
  convolveRow: FunctionBuilder,
): void {
  winogradFilter(m);
  define(m, winogradSignature, (p, f) => {
    const strips = new Strips(f, p);
    const { image, first, lines, v, vPlane } = strips;
    const [products, productPlane, i, x, c, position, panel, imageOf, tileRow, from, to] =
      f.localsOf('i32', 11);

    const locate = seq(
      set(imageOf, i32.div(i32.add(get(first), get(i)), p.tileRows)),
      set(tileRow, i32.rem(i32.add(get(first), get(i)), p.tileRows)),
    );

    const multiply = range(
      position,
      i32.const(0),
      i32.const(positions),
      range(
        panel,
        i32.const(0),
        p.panels,
        convolveRow.call(
          i32.add(get(v), i32.mul(get(position), get(vPlane))),
          p.pixel,
          i32.const(0),
          i32.const(1),
          p.pixel,
          i32.add(
            p.u,
            i32.mul(
              i32.add(i32.mul(get(position), p.panels), get(panel)),
              i32.mul(p.pixel, i32.const(tileColumns)),
            ),
          ),
          p.zeros,
          sum(
            get(products),
            i32.mul(get(position), get(productPlane)),
            i32.mul(get(panel), i32.const(panelRow)),
          ),
          p.outPixel,
          i32.const(tileColumns),
          strips.tiles,
          f32.const(Number.NEGATIVE_INFINITY),
        ),
      ),
    );

    const transformOut = seq(
      set(from, get(products)),
      range(
        i,
        i32.const(0),
        get(lines),
        seq(
          locate,
          set(
            to,
            i32.add(
              p.out,
              i32.mul(
                i32.add(
                  i32.mul(i32.add(get(image), get(imageOf)), p.outHeight),
                  i32.mul(get(tileRow), i32.const(outputs)),
                ),
                i32.mul(p.outWidth, p.outPixel),
              ),
            ),
          ),
          range(
            x,
            i32.const(0),
            p.tileColumns,
            seq(
              range(
                c,
                i32.const(0),
                p.outPixel,
                tileOut(
                  f,
                  p,
                  i32.add(get(from), get(c)),
                  get(productPlane),
                  i32.add(p.bias, get(c)),
                  i32.add(get(to), get(c)),
                  {
                    rows: i32.lt(i32.add(i32.shl(get(tileRow), 1), i32.const(1)), p.outHeight),
                    columns: i32.lt(i32.add(i32.shl(get(x), 1), i32.const(1)), p.outWidth),
                  },
                ),
                i32.const(16),
              ),
              increase(from, p.outPixel),
              increase(to, i32.mul(p.outPixel, i32.const(outputs))),
            ),
          ),
        ),
      ),
    );

    return seq(
      setShare(strips.image, strips.last, p.batch, p),
      strips.start(),
      strips.each(
        pad,
        seq(
          set(productPlane, i32.mul(strips.tiles, p.outPixel)),
          set(products, strips.behind),
          multiply,
          transformOut,
        ),
      ),
    );
  });
}
