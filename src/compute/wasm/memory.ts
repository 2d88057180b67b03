import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { WasmMemory } from './assembly/web-assembly.js';

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
