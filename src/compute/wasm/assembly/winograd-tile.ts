import {
  type Code,
  get,
  i32,
  increase,
  type Local,
  seq,
  set,
  v128,
} from '../../../assembly/code.js';
import type { FunctionBuilder } from '../../../assembly/module.js';

/**
 * Winograd's minimal filtering F(2x2, 3x3): 2x2 outputs of a 3x3 convolution from 16 products in
 * place of 36. Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.1:
 *
 *   Y = A' [ (G g G') . (B' d B) ] A
 *
 * with d the 4x4 inputs and g the 3x3 filter. Summed over channels, each of the 16 positions is a
 * product of matrices: [tiles, C] by [C, K].
 */
export const positions = 16;
/** Sides of what a tile reads and writes. */
export const inputs = 4;
export const outputs = 2;

/** B' applied to four vectors. */
function inputTransform([a, b, c, d]: readonly Local[]): Code[] {
  return [
    v128.sub(get(a!), get(c!)),
    v128.add(get(b!), get(c!)),
    v128.sub(get(c!), get(b!)),
    v128.sub(get(b!), get(d!)),
  ];
}

/** rows x columns locals; `[r]![c]!` is one. */
export function matrix(f: FunctionBuilder, rows: number, columns: number): Local[][] {
  return Array.from({ length: rows }, () => f.localsOf('v128', columns));
}

export const column = (m: Local[][], c: number): Local[] => m.map((row) => row[c]!);

/** Sets as many locals. */
export const setAll = (locals: readonly Local[], values: readonly Code[]): Code =>
  seq(...locals.map((local, i) => set(local, values[i]!)));

/** V = B' d B of one tile: four channels of 4x4 pixels from `from` to 16 planes from `to` on. */
export function tileIn(
  f: FunctionBuilder,
  p: Readonly<Record<'pixel' | 'paddedRow', Code>>,
  from: Code,
  to: Code,
  plane: Code,
): Code {
  const rows = f.localsOf('i32', inputs);
  const at = f.local();
  const d = f.localsOf('v128', inputs);
  const t = matrix(f, inputs, inputs);
  const columns = [0, 1, 2, 3].map((c) =>
    seq(
      ...rows.map((row, r) => set(d[r]!, v128.load(get(row)))),
      ...rows.map((row) => increase(row, p.pixel)),
      setAll(column(t, c), inputTransform(d)),
    ),
  );
  const store = t.flatMap((row) =>
    inputTransform(row).map((value) => seq(v128.store(get(at), value), increase(at, plane))),
  );
  return seq(
    ...rows.map((row, r) => set(row, r === 0 ? from : i32.add(get(rows[r - 1]!), p.paddedRow))),
    ...columns,
    set(at, to),
    ...store,
  );
}
