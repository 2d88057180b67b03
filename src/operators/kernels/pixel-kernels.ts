import { ModuleBuilder } from '../../assembly/module.js';
import {
  type WasmFunction,
  type WasmMemory,
  type WasmModule,
  webAssembly,
} from '../../assembly/web-assembly.js';
import type { GreyImage, GridSize } from '../image.js';
import { type AxisWeights, axisWeights } from '../resize-weights.js';
import { addUp } from './add-up.js';
import { average, columnsAtOnce } from './average.js';
import { lzw, lzwLookahead, lzwOverrun, lzwTableBytes } from './lzw.js';
import { maskOf } from './mask-of.js';

const names = [
  'lzwTable',
  'reverseWords',
  'decodeLzw',
  'addUp',
  'maskOf',
  'sumRows',
  'averageColumns',
] as const;
type Kernels = Readonly<Record<(typeof names)[number], WasmFunction>>;

const page = 65536;
const vectorBytes = 16;
const tableAt = 0;
const doneAt = aligned(lzwTableBytes);
/** From here on memory is given out anew for each image. */
const firstFree = aligned(doneAt + 4);
/** What 32 bits hold of `(2 sum + total) / 2 total`, with pixels up to 255. */
const greatestTotal = Math.floor(2 ** 32 / 511) - 1;
const greatestWeight = 2 ** 15 - 1;
/** More pixels than that are left to libvips: their memory would be kept for the small ones. */
export const mostKernelPixels = 2 ** 23;

let compiled: WasmModule | undefined;

/** Compiled once a thread, when first needed: some milliseconds. */
function kernelModule(): WasmModule {
  if (compiled !== undefined) return compiled;
  const m = new ModuleBuilder();
  for (const kernel of [lzw, addUp, maskOf, average]) kernel(m);
  compiled = new webAssembly.Module(m.encoded(false));
  return compiled;
}

/**
 * One image at a time in the kernels' own memory: made of strips, then as it is, as a mask or at
 * another size. Whatever comes out is a copy.
 */
export class KernelImage {
  private readonly kernels: Kernels;
  private readonly memory: WasmMemory = new webAssembly.Memory({ initial: 16 });
  private bytes = new Uint8Array(this.memory.buffer);
  private free = firstFree;
  private pixels = 0;
  private height = 0;
  private width = 0;

  constructor() {
    const { exports } = new webAssembly.Instance(kernelModule(), { env: { memory: this.memory } });
    this.kernels = exports as Kernels;
    this.kernels.lzwTable(tableAt);
  }

  /** Of the memory that it holds, in bytes. */
  get size(): number {
    return this.bytes.length;
  }

  /** Forgets the image before; at most `mostKernelPixels`, all of which are then to be filled. */
  begin({ height, width }: GridSize): void {
    if (height * width > mostKernelPixels) throw new RangeError('too many pixels for a kernel');
    this.height = height;
    this.width = width;
    this.free = firstFree;
    // A row more, since rows are averaged two by two.
    this.pixels = this.take((height + 1) * width + lzwOverrun);
  }

  /** Fills the pixels from `from` to `to` with those of an uncompressed strip, which may hold more. */
  fill(strip: Uint8Array, from: number, to: number): void {
    this.bytes.set(strip.subarray(0, to - from), this.pixels + from);
  }

  /** The same from LZW. False when the codes make no sense, or end before all is filled. */
  fillFromLzw(coded: Uint8Array, from: number, to: number): boolean {
    const before = this.free;
    const words = this.take(coded.length + lzwLookahead);
    this.bytes.set(coded, words);
    this.kernels.reverseWords(words, words, coded.length);
    this.bytes[doneAt] = 0;
    const { pixels } = this;
    this.kernels.decodeLzw(tableAt, words, coded.length * 8, pixels + from, pixels + to, doneAt);
    this.free = before;
    return this.bytes[doneAt] === 1;
  }

  /** Each value was the difference to the one before it in its row. */
  addUp(): void {
    this.kernels.addUp(this.pixels, this.width, this.height);
  }

  /**
   * Becomes 0 and 1, as `maskOfBytes` has it where small values may be labels. False where that has
   * null: then it stays as it is.
   */
  toMask(): boolean {
    const count = this.height * this.width;
    this.bytes.fill(0, this.pixels + count, this.pixels + count + vectorBytes);
    this.bytes[doneAt] = 0;
    this.kernels.maskOf(this.pixels, count, doneAt);
    return this.bytes[doneAt] === 0;
  }

  copy(): GreyImage {
    const { height, width, pixels } = this;
    return { height, width, data: this.bytes.slice(pixels, pixels + height * width) };
  }

  /** As `resizeImage` or, of 0 and 1, `resizeMask` has it; null where 32 bits are too few for that. */
  resized(size: GridSize): GreyImage | null {
    const down = axisWeights(this.height, size.height);
    const across = axisWeights(this.width, size.width);
    const weight = Math.max(down.total, across.total, size.height, size.width);
    if (down.total * across.total > greatestTotal || weight > greatestWeight) return null;
    const { height, width } = size;
    const starts = this.place(across.starts);
    const offsets = this.place(across.offsets);
    const weights = this.place(Int32Array.from(across.weights));
    const pairs = this.placePairs(down);
    const sums = this.take((this.width + columnsAtOnce) * 4);
    const out = this.take(height * width);
    for (let row = 0, pair = pairs; row < height; row++) {
      const pixels = this.pixels + down.starts[row]! * this.width;
      const count = Math.ceil((down.offsets[row + 1]! - down.offsets[row]!) / 2);
      this.kernels.sumRows(pixels, this.width, pair, count, sums);
      const total = down.total * across.total;
      this.kernels.averageColumns(sums, starts, offsets, weights, out + row * width, width, total);
      pair += count * 4;
    }
    return { height, width, data: this.bytes.slice(out, out + height * width) };
  }

  /** The weights of each row's taps, two by two, an odd one with 0. */
  private placePairs({ offsets, weights }: AxisWeights): number {
    const pairs: number[] = [];
    for (let row = 0; row + 1 < offsets.length; row++) {
      for (let tap = offsets[row]!; tap < offsets[row + 1]!; tap += 2) {
        const second = tap + 1 < offsets[row + 1]! ? weights[tap + 1]! : 0;
        pairs.push(weights[tap]! | (second << 16));
      }
    }
    return this.place(Int32Array.from(pairs));
  }

  private place(values: Int32Array): number {
    const at = this.take(values.byteLength);
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    return at;
  }

  /** Memory of so many bytes, and a vector more, since kernels read and write whole ones. */
  private take(bytes: number): number {
    const at = this.free;
    this.free = aligned(at + bytes + vectorBytes);
    const missing = this.free - this.bytes.length;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / page));
      this.bytes = new Uint8Array(this.memory.buffer);
    }
    return at;
  }
}

function aligned(at: number): number {
  return Math.ceil(at / vectorBytes) * vectorBytes;
}
