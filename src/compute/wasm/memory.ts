import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { WasmMemory } from '../../assembly/web-assembly.js';
import { ComputeFailure } from '../compute.js';

/** What emscripten's module has besides what tfjs declares. */
export interface EmscriptenModule {
  /** Exports of the WebAssembly instance. */
  readonly asm: Readonly<Record<string, unknown>>;
  /** Replaced when the memory grows: never keep it. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** The memory that a backend's tensors lie in. */
export function memoryOf(backend: BackendWasm): WasmMemory {
  const { asm } = backend.wasm as unknown as EmscriptenModule;
  return asm.memory as WasmMemory;
}

export function isShared(memory: WasmMemory): boolean {
  return memory.buffer instanceof SharedArrayBuffer;
}

/**
 * Makes an allocation that fails throw. tfjs takes the null address for a tensor's and goes on,
 * writing over whatever lies there.
 */
export function throwWhenExhausted(backend: BackendWasm): void {
  const module = backend.wasm as unknown as EmscriptenModule;
  // The first call puts the export in place of a wrapper, which would undo what follows.
  module._free(module._malloc(16));
  const malloc = module._malloc;
  module._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address === 0 && bytes > 0) {
      const heap = Math.round(memoryOf(backend).buffer.byteLength / 2 ** 20);
      throw new ComputeFailure(
        'OUT_OF_MEMORY',
        `WebAssembly memory is exhausted: ${heap} MB in use, ${bytes} bytes asked for; ` +
          'a smaller batch, size or recipe needs less',
      );
    }
    return address;
  };
}
