import {
  type Code,
  f32,
  get,
  i32,
  increase,
  type Local,
  loop,
  range,
  seq,
  set,
  v128,
  when,
} from '../../../assembly/code.js';
import type { ModuleBuilder } from '../../../assembly/module.js';
import { define, eachOwn } from './share.js';

/** Parameters of `maxPoolGrad`, in order; bytes unless said otherwise. */
export const maxPoolGradSignature = {
  name: 'maxPoolGrad',
  parameters: [
    'x', // [lines * 2, pixels * 2, ...]
    'dy', // [lines, pixels, ...]
    'dx',
    'pixel',
    'pixels', // output pixels of a line
    'lines', // output rows of all images
  ],
} as const;

/**
 * Gradient of 2x2 max pooling with stride 2: dY goes to the first of the four values, in reading
 * order, that is the largest. Threads share lines.
 */
export function maxPoolGrad(m: ModuleBuilder): void {
  define(m, maxPoolGradSignature, (p, f) => {
    const [line, x, i, dy, at] = f.localsOf('i32', 5);
    const values = f.localsOf('v128', 4);
    const [largest, rest, mask] = f.localsOf('v128', 3);
    const single = f.local('f32');
    const best = f.local();
    const row = i32.mul(i32.shl(p.pixels, 1), p.pixel);
    /** Offsets of the window's four values. */
    const corners: Code[] = [i32.const(0), p.pixel, row, i32.add(row, p.pixel)];
    const corner = (base: Code, index: number): Code =>
      i32.add(i32.add(base, get(at)), corners[index]!);

    const four = seq(
      ...values.map((v, k) => set(v, v128.load(corner(p.x, k)))),
      set(
        largest,
        values.map((v): Code => get(v)).reduce((a, b) => v128.pmax(a, b)),
      ),
      set(rest, v128.load(i32.add(p.dy, get(dy)))),
      ...values.map((v, k) =>
        seq(
          set(mask, v128.eq(get(v), get(largest))),
          v128.store(corner(p.dx, k), v128.and(get(rest), get(mask))),
          set(rest, v128.andNot(get(rest), get(mask))),
        ),
      ),
    );

    const oneCorner = (k: number): Code =>
      when(
        f32.gt(f32.load(corner(p.x, k)), get(single)),
        seq(set(single, f32.load(corner(p.x, k))), set(best, corner(p.dx, k))),
      );
    const one = seq(
      ...corners.map((_, k) => f32.store(corner(p.dx, k), f32.const(0))),
      set(single, f32.load(corner(p.x, 0))),
      set(best, corner(p.dx, 0)),
      oneCorner(1),
      oneCorner(2),
      oneCorner(3),
      f32.store(get(best), f32.load(i32.add(p.dy, get(dy)))),
    );

    const advance = (bytes: number): Code =>
      seq(...[at, dy, i].map((local: Local) => increase(local, i32.const(bytes))));
    const pixel = seq(
      set(i, i32.const(0)),
      loop(i32.lt(get(i), i32.and(p.pixel, i32.const(-16))), seq(four, advance(16))),
      loop(i32.lt(get(i), p.pixel), seq(one, advance(4))),
      increase(at, p.pixel),
    );
    return eachOwn(
      line,
      p.lines,
      p,
      seq(
        set(at, i32.mul(i32.shl(get(line), 1), row)),
        set(dy, i32.mul(get(line), i32.mul(p.pixels, p.pixel))),
        range(x, i32.const(0), p.pixels, pixel),
      ),
    );
  });
}
