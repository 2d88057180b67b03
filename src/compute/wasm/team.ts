import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type WasmFunction, type WasmModule, webAssembly } from '../../assembly/web-assembly.js';
import { assembleProgram } from './assembly/program.js';
import { memoryOf } from './memory.js';

/** Words of the block of shared memory through which a run is handed out. */
const control = {
  /** Counts runs; helpers sleep on it. */
  generation: 0,
  /** Helpers that have not finished this run; the caller sleeps on it. */
  pending: 1,
  functionIndex: 2,
  argumentCount: 3,
  /** How many parts the run has, and the next that nobody has taken. */
  parts: 4,
  nextPart: 5,
  failed: 6,
  words: 8,
} as const;
const mostArguments = 40;

/**
 * What a helper thread does, as source text: the same under Node and under a test runner that
 * serves TypeScript, and free of imports that would have to be found.
 */
const helperSource = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { code, memory, shared, thread, names, control } = workerData;
const { exports } = new WebAssembly.Instance(code, { env: { memory } });
const words = new Int32Array(shared, 0, control.words);
const args = new Float64Array(shared, control.words * 4);
let seen = 0;
parentPort.postMessage('ready');
for (;;) {
  Atomics.wait(words, control.generation, seen);
  const now = Atomics.load(words, control.generation);
  if (now === seen) continue;
  seen = now;
  try {
    const f = exports[names[words[control.functionIndex]]];
    const own = args.slice(0, words[control.argumentCount]);
    const parts = words[control.parts];
    for (;;) {
      const part = Atomics.add(words, control.nextPart, 1);
      if (part >= parts) break;
      f(...own, part, parts, thread);
    }
  } catch (error) {
    Atomics.store(words, control.failed, 1);
  }
  if (Atomics.sub(words, control.pending, 1) === 1) Atomics.notify(words, control.pending);
}
`;

/**
 * Helper threads that run the functions of one WebAssembly module on one shared memory, each
 * taking parts of the items. The calling thread takes parts too, then waits for the others.
 *
 * Helpers hold no state and never keep the process alive. A call returns only when all have
 * finished, so memory is never touched between calls.
 */
export class Team {
  private constructor(
    readonly code: WasmModule,
    readonly threads: number,
    private readonly names: readonly string[],
    private readonly workers: readonly Worker[],
    private readonly words: Int32Array,
    private readonly args: Float64Array,
  ) {}

  /** On a backend whose memory is shared. Rejects when a helper does not come up. */
  static async start(backend: BackendWasm, threads: number): Promise<Team> {
    const memory = memoryOf(backend);
    const code = new webAssembly.Module(assembleProgram(true));
    const names = webAssembly.Module.exports(code).map(({ name }) => name);
    const shared = new SharedArrayBuffer(control.words * 4 + mostArguments * 8);
    const workers = Array.from(
      { length: threads - 1 },
      (_, i) =>
        new Worker(helperSource, {
          eval: true,
          name: `wasm kernels ${i + 1}`,
          workerData: { code, memory, shared, thread: i + 1, threads, names, control },
        }),
    );
    try {
      await Promise.all(workers.map((worker) => once(worker, 'message')));
    } catch (error) {
      for (const worker of workers) void worker.terminate();
      throw error;
    }
    for (const worker of workers) worker.unref();
    return new Team(
      code,
      threads,
      names,
      workers,
      new Int32Array(shared, 0, control.words),
      new Float64Array(shared, control.words * 4),
    );
  }

  /** Runs all parts, in any order on any thread. */
  run(name: string, args: readonly number[], parts: number, own: WasmFunction): void {
    const { words } = this;
    this.args.set(args);
    words[control.functionIndex] = this.names.indexOf(name);
    words[control.argumentCount] = args.length;
    words[control.parts] = parts;
    Atomics.store(words, control.nextPart, 0);
    Atomics.store(words, control.pending, this.workers.length);
    Atomics.add(words, control.generation, 1);
    Atomics.notify(words, control.generation);
    for (;;) {
      const part = Atomics.add(words, control.nextPart, 1);
      if (part >= parts) break;
      own(...args, part, parts, 0);
    }
    for (;;) {
      const pending = Atomics.load(words, control.pending);
      if (pending === 0) break;
      Atomics.wait(words, control.pending, pending);
    }
    if (Atomics.exchange(words, control.failed, 0) !== 0) {
      throw new Error(`WebAssembly function ${name} failed in a helper thread`);
    }
  }

  /** Ends the helpers; the team must not run again. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
