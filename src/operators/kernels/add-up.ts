import { type Code, get, i8x16, i32, increase, loop, seq, set, v128 } from '../../assembly/code.js';
import type { ModuleBuilder } from '../../assembly/module.js';

const zero = v128.zero;
/** All lanes moved up by `places`, zeros below. */
const moved = (v: Code, places: number): Code =>
  i8x16.shuffle(
    zero,
    v,
    Array.from({ length: 16 }, (_, lane) => 16 + lane - places),
  );
const lastEverywhere = (v: Code): Code => i8x16.shuffle(v, v, new Array<number>(16).fill(15));

/**
 * Undoes TIFF's horizontal differences: each byte of a row becomes the sum (modulo 256) of all up to
 * it. `rows` rows of `width` bytes from `pixels` on, in place.
 */
export function addUp(m: ModuleBuilder): void {
  m.function('addUp', ['pixels', 'width', 'rows'] as const, (p, f, locals) => {
    const [at, vectorEnd, end] = f.localsOf('i32', 3);
    const [v, carry] = f.localsOf('v128', 2);
    const value = f.local();
    const step = (places: number): Code => set(v, i8x16.add(get(v), moved(get(v), places)));
    const sixteen = seq(
      set(v, v128.load(get(at))),
      ...[1, 2, 4, 8].map(step),
      set(v, i8x16.add(get(v), get(carry))),
      v128.store(get(at), get(v)),
      set(carry, lastEverywhere(get(v))),
      increase(at, i32.const(16)),
    );
    // The next row begins where this one ends: what is left is no whole vector.
    const one = seq(
      set(value, i32.add(get(value), i32.load8(get(at)))),
      i32.store8(get(at), get(value)),
      increase(at, i32.const(1)),
    );
    const row = seq(
      set(at, p.pixels),
      set(end, i32.add(p.pixels, p.width)),
      set(vectorEnd, i32.add(p.pixels, i32.and(p.width, i32.const(-16)))),
      set(carry, zero),
      loop(i32.isBelow(get(at), get(vectorEnd)), sixteen),
      set(value, i8x16.first(get(carry))),
      loop(i32.isBelow(get(at), get(end)), one),
      set(locals.pixels, get(end)),
      set(locals.rows, i32.sub(p.rows, i32.const(1))),
    );
    return loop(p.rows, row);
  });
}
