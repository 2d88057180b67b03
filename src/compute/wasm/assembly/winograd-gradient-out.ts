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
} from '../../../assembly/code.js';
import type { ModuleBuilder } from '../../../assembly/module.js';
import { define, eachOwn } from './share.js';
import { panelRow } from './tile.js';
import { column, inputs, matrix, setAll } from './winograd-tile.js';

/** G' applied to four vectors: the transpose of the filter transform. */
function filterAdjoint([a, b, c, d]: readonly Local[]): Code[] {
  const half = v128.splat(f32.const(0.5));
  const even = v128.mul(half, v128.add(get(b!), get(c!)));
  const odd = v128.mul(half, v128.sub(get(b!), get(c!)));
  return [v128.add(get(a!), even), odd, v128.add(even, get(d!))];
}

/** Parameters of `winogradGradientOut`, in order. */
export const winogradGradientOutSignature = {
  name: 'winogradGradientOut',
  parameters: [
    'partial', // [chunks, 16, panels, channels, 8]
    'chunks',
    'channels',
    'panels',
    'dw', // [9, channels, panels * 8]
  ],
} as const;

/** dW = G' dU G with dU summed over the chunks; threads share panels. */
export function winogradGradientOut(m: ModuleBuilder): void {
  define(m, winogradGradientOutSignature, (p, f) => {
    const [panel, i, chunk, from, to] = f.localsOf('i32', 5);
    const u = matrix(f, inputs, inputs);
    const h = matrix(f, 3, inputs);
    const panelBytes = i32.mul(p.channels, i32.const(panelRow));
    const plane = i32.mul(p.panels, panelBytes);
    const all = u.flat();
    const store = h.flatMap((row) =>
      filterAdjoint(row).map((value) => seq(v128.store(get(to), value), increase(to, plane))),
    );
    return eachOwn(
      panel,
      p.panels,
      p,
      range(
        i,
        i32.const(0),
        panelBytes,
        seq(
          ...all.map((local) => set(local, v128.zero)),
          // Chunks lie one behind the other: after 16 planes comes the next one's first.
          set(from, sum(p.partial, i32.mul(get(panel), panelBytes), get(i))),
          range(
            chunk,
            i32.const(0),
            p.chunks,
            seq(
              ...all.map((local) =>
                seq(set(local, v128.add(get(local), v128.load(get(from)))), increase(from, plane)),
              ),
            ),
          ),
          ...[0, 1, 2, 3].map((c) => setAll(column(h, c), filterAdjoint(column(u, c)))),
          // Channel i / 32, half i % 32 of the panel's 8 filters.
          set(
            to,
            sum(
              p.dw,
              i32.mul(i32.div(get(i), i32.const(panelRow)), i32.mul(p.panels, i32.const(panelRow))),
              i32.mul(get(panel), i32.const(panelRow)),
              i32.rem(get(i), i32.const(panelRow)),
            ),
          ),
          ...store,
        ),
        i32.const(16),
      ),
    );
  });
}
