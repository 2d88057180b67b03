/** Ids and flags of https://webassembly.github.io/spec/core/binary/modules.html#memory-section */
const memorySection = 5;
const limitsWithMaximum = 1;
const sharedLimitsWithMaximum = 3;

/**
 * The same WebAssembly module, its memory shared between threads: one flag of its memory section.
 *
 * Code without atomics may run on a shared memory, so TensorFlow.js's single threaded binary stays
 * what it is, and threads of our own can work on its tensors. Its threaded binary would instead start
 * eight emscripten workers, which keep Node from exiting (tfjs issue 3830).
 *
 * Throws when the module is not what it was expected to be.
 */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(module);
  const flag = memoryFlagAt(copy);
  if (copy[flag] !== limitsWithMaximum) {
    throw new Error('the WebAssembly module has no memory with a maximum of its own');
  }
  copy[flag] = sharedLimitsWithMaximum;
  return copy;
}

function memoryFlagAt(module: Uint8Array): number {
  let at = 8; // after magic and version
  while (at < module.length) {
    const id = module[at];
    const size = unsignedAt(module, at + 1);
    const count = unsignedAt(module, size.next);
    if (id === memorySection && count.value === 1) return count.next;
    at = size.next + size.value;
  }
  throw new Error('the WebAssembly module has no memory section');
}

/** LEB128. */
function unsignedAt(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, next: at };
  }
}
