import { get, i32, increase, memory, range, seq, set, sum } from './code.js';
import type { FunctionBuilder, ModuleBuilder } from './module.js';

/** Copies images into the middle of larger ones whose zeros are already there. All in bytes. */
export function pad(m: ModuleBuilder): FunctionBuilder {
  return m.function(
    'pad',
    ['from', 'to', 'images', 'height', 'row', 'top', 'left', 'paddedRow', 'paddedImage'] as const,
    (p, f, locals) => {
      const image = f.local();
      const y = f.local();
      const to = f.local();
      return range(
        image,
        i32.const(0),
        p.images,
        seq(
          set(
            to,
            sum(p.to, i32.mul(get(image), p.paddedImage), i32.mul(p.top, p.paddedRow), p.left),
          ),
          range(
            y,
            i32.const(0),
            p.height,
            seq(
              memory.copy(get(to), p.from, p.row),
              increase(to, p.paddedRow),
              increase(locals.from, p.row),
            ),
          ),
        ),
      );
    },
  );
}
