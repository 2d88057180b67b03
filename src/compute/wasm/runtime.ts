import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type WasmFunction, type WasmMemory, webAssembly } from '../../assembly/web-assembly.js';
import { assembleProgram } from './assembly/program.js';
import type { Signature } from './assembly/share.js';
import { type EmscriptenModule, isShared, memoryOf, throwWhenExhausted } from './memory.js';
import type { Team } from './team.js';

/** Waking a thread and waiting for it takes some 50 microseconds on a busy machine. */
const worthSharing = 200_000;

/**
 * Our own WebAssembly functions on a tfjs backend's memory: a second instance that imports the
 * first one's memory, so that tensors are read and written where they lie.
 */
export class Runtime {
  readonly threads: number;
  private readonly exports: Readonly<Record<string, WasmFunction>>;
  private scratchAddress = 0;
  private scratchBytes = 0;

  private constructor(
    private readonly backend: BackendWasm,
    private readonly module: EmscriptenModule,
    memory: WasmMemory,
    private readonly team: Team | null,
  ) {
    this.threads = team ? team.threads : 1;
    const code = team?.code ?? new webAssembly.Module(assembleProgram(isShared(memory)));
    this.exports = new webAssembly.Instance(code, { env: { memory } }).exports;
  }

  static on(backend: BackendWasm, team: Team | null = null): Runtime {
    const module = backend.wasm as unknown as EmscriptenModule;
    return new Runtime(backend, module, memoryOf(backend), team);
  }

  /**
   * Runs a kernel on all threads and returns when all are done; on this one alone where the work, in
   * float32 values calculated or copied, is less than waking the others takes. More parts than
   * threads even out threads of unequal speed, at the cost of what each part does anew.
   */
  run<Name extends string>(
    kernel: Signature<Name>,
    values: Readonly<Record<Name, number>>,
    work: number,
    partsPerThread = 1,
  ): void {
    const f = this.exports[kernel.name];
    if (!f) throw new Error(`no WebAssembly function ${kernel.name}`);
    const args = kernel.parameters.map((name) => values[name]);
    if (this.team && work > worthSharing) {
      this.team.run(kernel.name, args, this.threads * partsPerThread, f);
    } else f(...args, 0, 1, 0);
  }

  /** Where a tensor's values lie. */
  address(tensor: TensorInfo): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  clear(address: number, bytes: number): void {
    this.module.HEAPU8.fill(0, address, address + bytes);
  }

  /** A tensor to be filled. */
  output(shape: number[]): TensorInfo {
    return this.backend.makeOutput(shape, 'float32');
  }

  /**
   * Memory for the run at hand, one region for each size asked for. It is kept and only grows, so
   * that a training's heap is steady.
   */
  scratch(...sizes: readonly number[]): number[] {
    const aligned = sizes.map((bytes) => Math.ceil(bytes / 64) * 64);
    const total = aligned.reduce((sum, bytes) => sum + bytes, 64);
    if (total > this.scratchBytes) {
      if (this.scratchAddress) this.module._free(this.scratchAddress);
      this.scratchBytes = 0;
      this.scratchAddress = 0;
      this.scratchAddress = this.module._malloc(total) >>> 0;
      this.scratchBytes = total;
    }
    let at = Math.ceil(this.scratchAddress / 64) * 64;
    return aligned.map((bytes) => {
      at += bytes;
      return at - bytes;
    });
  }
}

const runtimes = new WeakMap<BackendWasm, Runtime>();

/** The backend's runtime; one thread unless `setRuntime` said otherwise before. */
export function runtimeOf(backend: BackendWasm): Runtime {
  let runtime = runtimes.get(backend);
  if (!runtime) {
    throwWhenExhausted(backend);
    runtime = Runtime.on(backend);
    runtimes.set(backend, runtime);
  }
  return runtime;
}

export function setRuntime(backend: BackendWasm, runtime: Runtime): void {
  runtimes.set(backend, runtime);
}
