import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { type BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { backend, ready, setBackend } from '@tensorflow/tfjs-core';
import { registerAdamUpdate } from '../../model/adam.js';
import { adamUpdate } from './kernels/adam.js';
import { isShared, memoryOf, throwWhenExhausted } from './memory.js';
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
  const wasm = await withoutNewProcessListeners(() => startBackend(wanted > 1));
  throwWhenExhausted(wasm);
  const team = wanted > 1 && isShared(memoryOf(wasm)) ? await startTeam(wasm, wanted) : null;
  setRuntime(wasm, Runtime.on(wasm, team));
  registerAdamUpdate('wasm', adamUpdate);
  return { device: 'WebAssembly SIMD', threads: team ? team.threads : 1 };
}

/** With a memory that threads can share where that is wanted and possible, else with one of its own. */
async function startBackend(shared: boolean): Promise<BackendWasm> {
  for (const setPaths of shared ? [setSharedPaths, setPlainPaths] : [setPlainPaths]) {
    try {
      await setPaths();
      if (!(await setBackend('wasm'))) continue;
      await ready();
      return backend() as BackendWasm;
    } catch {
      // A binary that is not what it was expected to be: the plain one may still do.
    }
  }
  throw new Error('the WebAssembly backend of TensorFlow.js did not start');
}

/** One thread is slower, not wrong: no reason to give the backend up. */
async function startTeam(wasm: BackendWasm, threads: number): Promise<Team | null> {
  try {
    return await Team.start(wasm, threads);
  } catch {
    return null;
  }
}

/**
 * Emscripten's start-up adds listeners for uncaught exceptions and unhandled rejections that throw
 * again, past any handler of the program's: the process would end with code 7 whatever it does.
 */
async function withoutNewProcessListeners<T>(run: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => new Set(process.rawListeners(event)));
  const result = await run();
  for (const [i, event] of events.entries()) {
    for (const listener of process.rawListeners(event)) {
      if (!before[i]!.has(listener)) {
        process.removeListener(event, listener as (...args: unknown[]) => void);
      }
    }
  }
  return result;
}

async function setPlainPaths(): Promise<void> {
  setWasmPaths(folder + sep);
}

/** The binary as a data: URL, which the global fetch reads: no file of ours is left behind. */
async function setSharedPaths(): Promise<void> {
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
