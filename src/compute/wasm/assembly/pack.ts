import { f32, get, i32, increase, memory, range, seq, set, sum } from '../../../assembly/code.js';
import type { ModuleBuilder } from '../../../assembly/module.js';
import { define, eachOwn } from './share.js';
import { panelRow, tileColumns } from './tile.js';

/** Parameters of `pack`, in order; strides in bytes. */
export const packSignature = {
  name: 'pack',
  parameters: [
    'from',
    'outer',
    'outerStride',
    'inner',
    'innerStride',
    'columns',
    'columnStride',
    'to',
  ],
} as const;

/**
 * Gathers a matrix into panels of 8 columns: to[column / 8][row][column % 8], zeros where the last
 * panel has no column. Row i * inner + j, column k lies at from + i * outerStride + j * innerStride
 * + k * columnStride, so that a filter can be turned and transposed on the way. Threads share panels.
 */
export function pack(m: ModuleBuilder): void {
  define(m, packSignature, (p, f) => {
    const [panel, width, i, j, k, to, from] = f.localsOf('i32', 7);
    const panels = i32.div(i32.add(p.columns, i32.const(tileColumns - 1)), i32.const(tileColumns));
    const panelBytes = i32.mul(i32.mul(p.outer, p.inner), i32.const(panelRow));
    return eachOwn(
      panel,
      panels,
      p,
      seq(
        set(
          width,
          i32.min(
            i32.const(tileColumns),
            i32.sub(p.columns, i32.mul(get(panel), i32.const(tileColumns))),
          ),
        ),
        set(to, i32.add(p.to, i32.mul(get(panel), panelBytes))),
        memory.fill(get(to), i32.const(0), panelBytes),
        range(
          i,
          i32.const(0),
          p.outer,
          range(
            j,
            i32.const(0),
            p.inner,
            seq(
              set(
                from,
                sum(
                  p.from,
                  i32.mul(get(i), p.outerStride),
                  i32.mul(get(j), p.innerStride),
                  i32.mul(i32.mul(get(panel), i32.const(tileColumns)), p.columnStride),
                ),
              ),
              range(
                k,
                i32.const(0),
                get(width),
                seq(
                  f32.store(i32.add(get(to), i32.shl(get(k), 2)), f32.load(get(from))),
                  increase(from, p.columnStride),
                ),
              ),
              increase(to, i32.const(panelRow)),
            ),
          ),
        ),
      ),
    );
  });
}
