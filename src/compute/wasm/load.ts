import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { type BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { backend, ready, setBackend } from '@tensorflow/tfjs-core';
import { registerWasmTrainingKernels } from './register.js';
import { Runtime, setRuntime } from './runtime.js';
import { withSharedMemory } from './shared-memory.js';
import { Team } from './team.js';

const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const mostThreads = 16;

let loaded: Promise<{ device: string; threads: number }> | null = null;

/**
 * Makes TensorFlow.js's WebAssembly backend the current one, able to train.
 *
 * `threads` is what the caller would like (the heavy kernels share it), the result tells what runs.
 * Results do not depend on the number of threads. A later call changes nothing.
 */
export function loadWasmBackend(threads: number): Promise<{ device: string; threads: number }> {
  loaded ??= load(Math.max(1, Math.min(mostThreads, Math.floor(threads) || 1)));
  return loaded;
}

async function load(wanted: number): Promise<{ device: string; threads: number }> {
  registerWasmTrainingKernels();
  await setPaths(wanted > 1);
  if (!(await setBackend('wasm'))) {
    throw new Error('the WebAssembly backend of TensorFlow.js did not start');
  }
  await ready();
  const wasm = backend() as BackendWasm;
  const team = wanted > 1 ? await Team.start(wasm, wanted) : null;
  setRuntime(wasm, Runtime.on(wasm, team));
  return { device: 'WebAssembly SIMD', threads: team ? team.threads : 1 };
}

/** Where tfjs finds its binary; for threads a data: URL of one whose memory is shared. */
async function setPaths(shared: boolean): Promise<void> {
  if (!shared) {
    setWasmPaths(folder + sep);
    return;
  }
  const bytes = withSharedMemory(await readFile(join(folder, 'tfjs-backend-wasm-simd.wasm')));
  const url = `data:application/wasm;base64,${Buffer.from(bytes).toString('base64')}`;
  const usePlatformFetch = true;
  setWasmPaths(
    {
      'tfjs-backend-wasm.wasm': url,
      'tfjs-backend-wasm-simd.wasm': url,
      'tfjs-backend-wasm-threaded-simd.wasm': url,
    },
    usePlatformFetch,
  );
}
