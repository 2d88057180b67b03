import { fail, ok, type Result } from '../operators/result.js';
import type { SampleArray } from './frames.js';

const arrays: Readonly<
  Record<number, Readonly<Record<number, new (buffer: ArrayBuffer) => SampleArray>>>
> = {
  1: { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array },
  2: { 1: Int8Array, 2: Int16Array, 4: Int32Array },
  3: { 4: Float32Array, 8: Float64Array },
};

export interface SampleType {
  readonly valueBytes: number;
  /** 1 for unsigned, 2 signed, 3 floating point. */
  readonly format: number;
  readonly littleEndian: boolean;
}

/** A frame's values out of a file that holds them as they are; a copy, so that it may be kept. */
export function sampleArray(
  bytes: Uint8Array,
  of: SampleType & { readonly start: number; readonly frameBytes: number },
): Result<SampleArray, 'UNSUPPORTED_SAMPLES'> {
  const { start, frameBytes, valueBytes, format, littleEndian } = of;
  const SampleArrayOf = arrays[format]?.[valueBytes];
  if (SampleArrayOf === undefined) {
    const bits = valueBytes * 8;
    return fail(
      'UNSUPPORTED_SAMPLES',
      `values of ${bits} bits, sample format ${format}, are not read`,
    );
  }
  const own = new Uint8Array(frameBytes);
  own.set(bytes.subarray(start, start + frameBytes));
  if (valueBytes > 1 && !littleEndian) {
    Buffer.from(own.buffer)[`swap${(valueBytes * 8) as 16 | 32 | 64}`]();
  }
  return ok(new SampleArrayOf(own.buffer));
}
