import { engine } from '@tensorflow/tfjs-core';
import { addon, isAvailable } from './addon.js';
import type { Precision } from './backend.js';
import { backendName, type OnednnBackend } from './backend.js';
import { currentBackend, register } from './register.js';

export { type AdamStepOptions, type AdamVariable, adamStep, OnednnAdam } from './adam.js';
export { type Availability, isAvailable } from './addon.js';
export type { Precision } from './backend.js';
export { normaliseBatch, normaliseBatchGradient } from './batch_normalisation.js';
export { moveTowards } from './move_towards.js';
export { fallbackKernels, nativeKernels } from './register.js';

register();

function backend(): OnednnBackend {
  const known = currentBackend();
  if (known) return known;
  addon();
  // Makes the backend without making it the current one.
  return engine().findBackend(backendName) as OnednnBackend;
}

/** oneDNN's version, such as 2.6.3. */
export function version(): string {
  return addon().version();
}

/** The instruction set that this package's own kernels use here: sse2, avx2, avx512, portable. */
export function instructions(): string {
  return addon().instructions();
}

/** Threads that kernels called from this thread use. */
export function threads(): number {
  return addon().threads();
}

export function setThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1)
    throw new RangeError(`threads: ${n} is not a whole number > 0`);
  backend().setThreads(n);
}

/** Whether the processor multiplies bfloat16 natively (AVX512_BF16 or AMX). */
export function supportsBf16(): boolean {
  return isAvailable().available && addon().supportsBf16();
}

/**
 * In bf16, images and their gradients between convolutions are kept and multiplied in bfloat16;
 * weights, sums and everything else stay float32.
 */
export function setPrecision(precision: Precision): void {
  if (precision !== 'float32' && precision !== 'bf16')
    throw new RangeError(`precision: ${String(precision)} is neither float32 nor bf16`);
  if (precision === 'bf16' && !supportsBf16())
    throw new Error('precision bf16 needs a processor with AVX512_BF16 or AMX');
  backend().precision = precision;
}

export function precision(): Precision {
  return backend().precision;
}

/**
 * Whether 3x3 convolutions may use Winograd's algorithm where oneDNN has it (on by default): about
 * twice as fast, with rounding errors some times those of the direct sum.
 */
export function setWinograd(enabled: boolean): void {
  backend().plans.setWinograd(enabled);
}
