/** The part of the global WebAssembly that is used here; TypeScript has it only with `lib: dom`. */
export interface WebAssemblyApi {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Module: {
    new (bytes: Uint8Array<ArrayBuffer>): WasmModule;
    exports(module: WasmModule): { readonly name: string }[];
  };
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, WasmFunction>> };
  readonly Memory: new (descriptor: {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }) => WasmMemory;
}

/** Compiled code; can be posted to a worker thread. */
export type WasmModule = object;
export type WasmFunction = (...args: readonly number[]) => void;

export interface WasmMemory {
  /** Makes it larger by so many pages of 64 KiB; the buffer is another one then. */
  grow(pages: number): number;
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
