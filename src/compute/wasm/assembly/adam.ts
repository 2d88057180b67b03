import {
  type Code,
  f32,
  get,
  i32,
  increase,
  loop,
  range,
  seq,
  set,
  v128,
  when,
} from '../../../assembly/code.js';
import type { ModuleBuilder } from '../../../assembly/module.js';
import { define, endOfShare, shareOf } from './share.js';

/** Parameters of `adam`, in order. */
export const adamSignature = {
  name: 'adam',
  parameters: [
    'value',
    'gradient',
    'm',
    'v',
    'count', // float32 in each
    'beta1F32',
    'rest1F32', // 1 - beta1
    'beta2F32',
    'rest2F32', // 1 - beta2
    'rateF32', // learningRate * sqrt(correction2) / correction1
    'epsilonF32', // epsilon * sqrt(correction2)
  ],
} as const;

/**
 * One step of Adam in place, corrections pulled into two numbers:
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²; value -= rate * m / (sqrt(v) + epsilon).
 * Threads share the values.
 */
export function adam(builder: ModuleBuilder): void {
  define(builder, adamSignature, (p, f) => {
    const [at, last, end] = f.localsOf('i32', 3);
    const [g4, m4, v4] = f.localsOf('v128', 3);
    const [g1, m1, v1] = f.localsOf('f32', 3);
    const here = (base: Code): Code => i32.add(base, get(at));
    const splat = v128.splat;

    const four = seq(
      set(g4, v128.load(here(p.gradient))),
      set(
        m4,
        v128.add(
          v128.mul(v128.load(here(p.m)), splat(p.beta1F32)),
          v128.mul(get(g4), splat(p.rest1F32)),
        ),
      ),
      set(
        v4,
        v128.add(
          v128.mul(v128.load(here(p.v)), splat(p.beta2F32)),
          v128.mul(v128.mul(get(g4), get(g4)), splat(p.rest2F32)),
        ),
      ),
      v128.store(here(p.m), get(m4)),
      v128.store(here(p.v), get(v4)),
      v128.store(
        here(p.value),
        v128.sub(
          v128.load(here(p.value)),
          v128.mul(
            v128.div(get(m4), v128.add(v128.sqrt(get(v4)), splat(p.epsilonF32))),
            splat(p.rateF32),
          ),
        ),
      ),
    );
    const one = seq(
      set(g1, f32.load(here(p.gradient))),
      set(m1, f32.add(f32.mul(f32.load(here(p.m)), p.beta1F32), f32.mul(get(g1), p.rest1F32))),
      set(
        v1,
        f32.add(
          f32.mul(f32.load(here(p.v)), p.beta2F32),
          f32.mul(f32.mul(get(g1), get(g1)), p.rest2F32),
        ),
      ),
      f32.store(here(p.m), get(m1)),
      f32.store(here(p.v), get(v1)),
      f32.store(
        here(p.value),
        f32.sub(
          f32.load(here(p.value)),
          f32.mul(f32.div(get(m1), f32.add(f32.sqrt(get(v1)), p.epsilonF32)), p.rateF32),
        ),
      ),
    );

    const vectors = i32.div(p.count, i32.const(4));
    const isLastPart = i32.eq(i32.add(p.part, i32.const(1)), p.parts);
    return seq(
      set(last, i32.shl(endOfShare(vectors, p.part, p.parts), 4)),
      range(at, i32.shl(shareOf(vectors, p.part, p.parts), 4), get(last), four, i32.const(16)),
      // Fewer than four are left at the end.
      set(end, i32.shl(p.count, 2)),
      when(isLastPart, loop(i32.lt(get(at), get(end)), seq(one, increase(at, i32.const(4))))),
    );
  });
}
