import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { registerWasmTrainingKernels } from './register.js';

/**
 * Makes TensorFlow.js's WebAssembly backend the current one, able to train.
 *
 * `threads` is what the caller would like; the result tells what runs.
 */
export async function loadWasmBackend(
  _threads: number,
): Promise<{ device: string; threads: number }> {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(main) + sep);
  registerWasmTrainingKernels();
  if (!(await setBackend('wasm'))) {
    throw new Error('the WebAssembly backend of TensorFlow.js did not start');
  }
  await ready();
  return { device: 'WebAssembly SIMD', threads: 1 };
}
