import { get, i8x16, i32, range, seq, set, v128, when } from '../../assembly/code.js';
import type { ModuleBuilder } from '../../assembly/module.js';

const vector = i32.const(16);

/**
 * `bytes` bytes from `pixels` on become 0 or 1, in place, as `maskOfBytes` has it: foreground is what
 * reaches 128, or where nothing does, whatever is not 0. Where both occur, all stays as it is and
 * `unsure` becomes 1. Up to 15 bytes beyond count as pixels too: they have to be 0.
 */
export function maskOf(m: ModuleBuilder): void {
  m.function('maskOf', ['pixels', 'bytes', 'unsure'] as const, (p, f) => {
    const i = f.local();
    const [seen, low] = f.localsOf('v128', 2);
    const at = i32.add(p.pixels, get(i));
    const each = (body: ReturnType<typeof seq>) => range(i, i32.const(0), p.bytes, body, vector);
    const high = i8x16.splat(i32.const(128));
    const one = i8x16.splat(i32.const(1));
    return seq(
      each(
        seq(
          set(seen, v128.or(get(seen), v128.load(at))),
          set(low, v128.or(get(low), i8x16.greater(v128.load(at), v128.zero))),
        ),
      ),
      when(
        v128.any(v128.and(get(seen), high)),
        when(
          v128.any(get(low)),
          i32.store(p.unsure, i32.const(1)),
          each(v128.store(at, i8x16.shr(v128.load(at), 7))),
        ),
        when(v128.any(get(seen)), each(v128.store(at, i8x16.min(v128.load(at), one)))),
      ),
    );
  });
}
