import { addon } from './addon.js';
import type { OnednnBackend } from './backend.js';
import { type Deferred, type Entry, size } from './entry.js';

const stepLength = 12;

/** step(x), which as a factor of relu's gradient need never be written out. */
export class DeferredStep implements Deferred {
  readonly kind = 'step';
  readonly inputs: readonly Entry[];

  constructor(
    private readonly backend: OnednnBackend,
    readonly source: Entry,
    private readonly shape: readonly number[],
  ) {
    this.inputs = [source];
  }

  run(out: Entry): void {
    const y = this.backend.pool.floats(size(this.shape));
    addon().unary(stepLength, 0, 0, this.source.floats(), y);
    out.setPlain(y);
  }
}
