import { getBackend, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { backendName } from './backend.js';
import { currentBackend } from './register.js';
import { writableValues } from './writable.js';

/**
 * average += share * (value - average) for each pair, in place: moving averages without a kernel
 * call and a new tensor for each step of the formula. Only where the onednn backend is in use.
 */
export function moveTowards(
  pairs: readonly { readonly average: Variable; readonly value: Tensor }[],
  share: number,
): void {
  const backend = currentBackend();
  if (!backend || getBackend() !== backendName)
    throw new Error('tfjs-backend-onednn: moveTowards needs the onednn backend');
  for (const { average, value } of pairs) {
    if (average.size !== value.size || average.dtype !== 'float32' || value.dtype !== 'float32')
      throw new Error(`${average.name}: the value has to be float32 of shape [${average.shape}]`);
    const to = backend.entry(value).floats();
    const values = writableValues(backend, average);
    for (let i = 0; i < values.length; i++) values[i]! += share * (to[i]! - values[i]!);
  }
}
