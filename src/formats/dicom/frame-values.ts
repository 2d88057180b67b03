import type { Frame, SampleArray } from '../frames.js';
import type { ImageHeader, Photometric } from './image-header.js';
import { applyPalette, type Palette } from './palette.js';

/** A frame's values as they come out of the file or of a decoder. */
export interface StoredFrame {
  readonly data: Uint8Array | Uint16Array | Uint32Array;
  readonly isPlanar: boolean;
  readonly photometric: Photometric;
}

/** Uncompressed bytes as unsigned values of the header's width, in an array of their own. */
export function plainValues(
  bytes: Uint8Array,
  { bitsAllocated, isPlanar, photometric }: ImageHeader,
  isBigEndian: boolean,
): StoredFrame {
  const own = bytes.slice();
  if (bitsAllocated === 8) return { data: own, isPlanar, photometric };
  const copy = Buffer.from(own.buffer);
  if (isBigEndian) bitsAllocated === 16 ? copy.swap16() : copy.swap32();
  const { buffer } = copy;
  const data = bitsAllocated === 16 ? new Uint16Array(buffer) : new Uint32Array(buffer);
  return { data, isPlanar, photometric };
}

/**
 * The values as grey or RGB, pixel by pixel: colours of a palette looked up, YBR turned into RGB
 * (8 bits), unused bits left out and signs restored.
 */
export function toFrame(stored: StoredFrame, header: ImageHeader, palette: Palette | null): Frame {
  const { height, width } = header;
  if (header.samples === 1) {
    const values = usedBits(stored.data, header);
    const grey = { height, width, hasAlpha: false } as const;
    if (palette === null) return { ...grey, data: values, stride: 1, colours: 1 };
    return { ...grey, data: applyPalette(values, palette), stride: 3, colours: 3 };
  }
  const data = toRgb(stored, header);
  return { height, width, data, stride: 3, colours: 3, hasAlpha: false };
}

function toRgb({ data, isPlanar, photometric }: StoredFrame, header: ImageHeader): SampleArray {
  const pixels = header.height * header.width;
  const isHalved = photometric === 'YBR_FULL_422' && data.length < pixels * 3;
  const values = isHalved ? spreadColours(data) : isPlanar ? interleave(data) : data;
  return photometric.startsWith('YBR_FULL') ? ybrToRgb(values) : usedBits(values, header);
}

function interleave<T extends StoredFrame['data']>(planes: T): T {
  const values = planes.slice() as T;
  const pixels = planes.length / 3;
  for (let pixel = 0, to = 0; pixel < pixels; pixel++, to += 3) {
    values[to] = planes[pixel]!;
    values[to + 1] = planes[pixel + pixels]!;
    values[to + 2] = planes[pixel + 2 * pixels]!;
  }
  return values;
}

/** Y Y Cb Cr of two pixels as Y Cb Cr of each. */
function spreadColours(pairs: StoredFrame['data']): Uint8Array {
  const values = new Uint8Array((pairs.length / 2) * 3);
  for (let from = 0, to = 0; from < pairs.length; from += 4, to += 6) {
    values[to] = pairs[from]!;
    values[to + 3] = pairs[from + 1]!;
    values[to + 1] = values[to + 4] = pairs[from + 2]!;
    values[to + 2] = values[to + 5] = pairs[from + 3]!;
  }
  return values;
}

/** By PS3.3 C.7.6.3.1.2, as JPEG does. */
function ybrToRgb(values: StoredFrame['data']): Uint8Array {
  const rgb = new Uint8ClampedArray(values.length);
  for (let at = 0; at < values.length; at += 3) {
    const y = values[at]!;
    const blue = values[at + 1]! - 128;
    const red = values[at + 2]! - 128;
    rgb[at] = y + 1.402 * red;
    rgb[at + 1] = y - 0.344136 * blue - 0.714136 * red;
    rgb[at + 2] = y + 1.772 * blue;
  }
  return new Uint8Array(rgb.buffer);
}

/** The bits that count, with the sign where there is one. */
function usedBits(data: StoredFrame['data'], header: ImageHeader): SampleArray {
  const bits = 8 * data.BYTES_PER_ELEMENT;
  // A decoder hands over the bits that count alone, in no more bytes than they need.
  const stored = Math.min(bits, header.bitsStored);
  const below = Math.min(bits, header.highBit + 1) - stored;
  if (!header.isSigned && stored === bits) return data;
  const kind = signedArrays[data.BYTES_PER_ELEMENT as 1 | 2 | 4];
  const values = header.isSigned ? new kind(data.length) : data.slice();
  const above = 32 - below - stored;
  // Up to the top of 32 bits, so that shifting down again brings the sign along, or zeros.
  for (let i = 0; i < data.length; i++) {
    const top = data[i]! << above;
    values[i] = header.isSigned ? top >> (32 - stored) : top >>> (32 - stored);
  }
  return values;
}

const signedArrays = { 1: Int8Array, 2: Int16Array, 4: Int32Array } as const;
