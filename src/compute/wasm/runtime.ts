import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { assembleProgram } from './assembly/program.js';
import { type WasmFunction, type WasmMemory, webAssembly } from './assembly/web-assembly.js';
import { type EmscriptenModule, isShared, memoryOf } from './memory.js';
import type { Team } from './team.js';

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
   * Runs a function on all threads and returns when all are done. Its last parameters, which part
   * of how many and on which thread, are added here. More parts than threads even out threads of
   * unequal speed, at the cost of what each part does anew.
   */
  run(name: string, args: readonly number[], partsPerThread = 1): void {
    const f = this.exports[name];
    if (!f) throw new Error(`no WebAssembly function ${name}`);
    if (this.team) this.team.run(name, args, this.threads * partsPerThread, f);
    else f(...args, 0, 1, 0);
  }

  /** Where a tensor's values lie. */
  address(tensor: TensorInfo): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  clear(address: number, bytes: number): void {
    this.module.HEAPU8.fill(0, address, address + bytes);
  }

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
      this.scratchAddress = this.module._malloc(total) >>> 0;
      this.scratchBytes = total;
      if (this.scratchAddress === 0) {
        this.scratchBytes = 0;
        throw new Error(`no WebAssembly memory left for ${total} bytes`);
      }
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
    runtime = Runtime.on(backend);
    runtimes.set(backend, runtime);
  }
  return runtime;
}

export function setRuntime(backend: BackendWasm, runtime: Runtime): void {
  runtimes.set(backend, runtime);
}
