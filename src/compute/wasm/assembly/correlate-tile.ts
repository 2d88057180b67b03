import {
  type Code,
  get,
  i32,
  increase,
  loop,
  repeat,
  seq,
  set,
  v128,
  when,
} from '../../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../../assembly/module.js';
import { dispatch, type Madd, mostTileRows, panelRow, TileRegisters, tileColumns } from './tile.js';

/**
 * A tile of a filter's gradient: `rows` taps by 8 filters, summed over the pixels of some images:
 * c[j][k] (+)= sum over image, y, x of a[image, y, x][j] * b[image, y, x][k].
 */
export function correlateTile(m: ModuleBuilder, madd: Madd): FunctionBuilder {
  return m.function(
    'correlateTile',
    [
      'a',
      'aPixel',
      'aLine',
      'aImage',
      'images',
      'lines',
      'pixels',
      'b',
      'c',
      'rows',
      'goesOn',
    ] as const,
    (p, f, locals) => {
      const registers = new TileRegisters(f);
      const [a, line, b, y, x] = f.localsOf('i32', 5);
      const unrolled = 4;

      const steps = (rows: number, count: number): Code =>
        seq(
          ...Array.from({ length: count }, (_, i) =>
            seq(
              registers.step(rows, b, i * panelRow, (row) => ({ base: a, offset: row * 4 }), madd),
              increase(a, p.aPixel),
            ),
          ),
          increase(b, i32.const(count * panelRow)),
          increase(x, i32.const(-count)),
        );

      const tile = (rows: number): Code =>
        seq(
          when(
            p.goesOn,
            registers.start(rows, (row, half) => v128.load(p.c, row * panelRow + half * 16)),
            registers.start(rows, () => v128.zero),
          ),
          set(b, p.b),
          repeat(
            seq(
              set(line, p.a),
              set(y, p.lines),
              repeat(
                seq(
                  set(a, get(line)),
                  set(x, p.pixels),
                  loop(i32.ge(get(x), i32.const(unrolled)), steps(rows, unrolled)),
                  loop(get(x), steps(rows, 1)),
                  increase(line, p.aLine),
                  increase(y, i32.const(-1)),
                ),
                get(y),
              ),
              increase(locals.a, p.aImage),
              increase(locals.images, i32.const(-1)),
            ),
            p.images,
          ),
          registers.store(rows, locals.c, i32.const(panelRow), i32.const(tileColumns)),
        );
      return dispatch(p.rows, mostTileRows, tile);
    },
  );
}
