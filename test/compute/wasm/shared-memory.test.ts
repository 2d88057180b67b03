import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { webAssembly } from '../../../src/assembly/web-assembly.js';
import { withSharedMemory } from '../../../src/compute/wasm/shared-memory.js';

describe('withSharedMemory', () => {
  it("turns tfjs's binary into one whose memory threads can share", async () => {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    const bytes = await readFile(join(dirname(main), 'tfjs-backend-wasm-simd.wasm'));
    const shared = withSharedMemory(bytes);
    expect(webAssembly.validate(shared)).toBe(true);
    expect(shared.filter((byte, i) => byte !== bytes[i]).length).toBe(1);
  });

  it('refuses what it does not know', () => {
    const empty = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    expect(() => withSharedMemory(empty)).toThrow('no memory section');
    const withoutMaximum = Uint8Array.from([...empty, 5, 3, 1, 0, 1]);
    expect(() => withSharedMemory(withoutMaximum)).toThrow('no memory with a maximum');
  });
});
