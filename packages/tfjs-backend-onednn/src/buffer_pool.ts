import { addon } from './addon.js';

/** Below this the JavaScript heap is as good, and cheaper. */
const smallBytes = 1024;
/** Free buffers kept beyond this are left to the garbage collector. */
const maxFreeBytes = 1 << 30;

/**
 * Keeps the buffers of disposed tensors for the next ones: fresh pages cost a fault each, which
 * would be a good part of a training step. Buffers are 64-byte aligned.
 */
export class BufferPool {
  private readonly free = new Map<number, ArrayBuffer[]>();
  private readonly owned = new WeakSet<ArrayBufferLike>();
  private freeBytes = 0;
  /** Bytes of all buffers in use. */
  usedBytes = 0;

  floats(length: number): Float32Array {
    if (length * 4 < smallBytes) return new Float32Array(length);
    return new Float32Array(this.take(length * 4), 0, length);
  }

  halves(length: number): Uint16Array {
    if (length * 2 < smallBytes) return new Uint16Array(length);
    return new Uint16Array(this.take(length * 2), 0, length);
  }

  /** Whether this pool made the buffer; all others are somebody else's and are never reused. */
  owns(buffer: ArrayBufferLike): boolean {
    return this.owned.has(buffer);
  }

  release(array: ArrayBufferView): void {
    const buffer = array.buffer;
    if (!(buffer instanceof ArrayBuffer) || !this.owned.has(buffer)) return;
    this.usedBytes -= buffer.byteLength;
    if (buffer.byteLength === 0 || this.freeBytes + buffer.byteLength > maxFreeBytes) return;
    this.freeBytes += buffer.byteLength;
    const list = this.free.get(buffer.byteLength);
    if (list) list.push(buffer);
    else this.free.set(buffer.byteLength, [buffer]);
  }

  /** Forgets all free buffers. */
  clear(): void {
    this.free.clear();
    this.freeBytes = 0;
  }

  private take(bytes: number): ArrayBuffer {
    const size = sizeClass(bytes);
    this.usedBytes += size;
    const reused = this.free.get(size)?.pop();
    if (reused) {
      this.freeBytes -= size;
      return reused;
    }
    const buffer = addon().allocate(size);
    this.owned.add(buffer);
    return buffer;
  }
}

/** Rounds up to one of eight steps between powers of two, so that similar sizes share buffers. */
function sizeClass(bytes: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(bytes)) - 3));
  return Math.ceil(bytes / step) * step;
}
