import { tensor, type Variable } from '@tensorflow/tfjs-core';
import type { OnednnBackend } from './backend.js';

/** A variable's values, for writing in place; where another tensor shares them it goes on with a copy. */
export function writableValues(backend: OnednnBackend, variable: Variable): Float32Array {
  const entry = backend.entry(variable);
  const values = entry.writable();
  if (values) return values;
  const copy = tensor(entry.floats().slice(), variable.shape);
  variable.assign(copy);
  copy.dispose();
  return backend.entry(variable).writable()!;
}
