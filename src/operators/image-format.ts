/** Formats we read, told by a file's first bytes, whatever its name says. */
export type ImageFormat = 'tiff' | 'png' | 'jpeg';

const signatures: readonly { readonly format: ImageFormat; readonly bytes: readonly number[] }[] = [
  { format: 'tiff', bytes: [0x49, 0x49, 42, 0] },
  { format: 'tiff', bytes: [0x4d, 0x4d, 0, 42] },
  // BigTIFF
  { format: 'tiff', bytes: [0x49, 0x49, 43, 0] },
  { format: 'tiff', bytes: [0x4d, 0x4d, 0, 43] },
  { format: 'png', bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { format: 'jpeg', bytes: [0xff, 0xd8, 0xff] },
];

/** `cut-short`: too few bytes to tell, but those there are could begin one of the formats. */
export function imageFormat(bytes: Uint8Array): ImageFormat | 'cut-short' | null {
  for (const { format, bytes: signature } of signatures) {
    const same = signature.every((byte, index) => index >= bytes.length || bytes[index] === byte);
    if (same) return bytes.length < signature.length ? 'cut-short' : format;
  }
  return null;
}

/**
 * Whether a file ends before what it announces: it is still being written, or was cut. Asked after
 * a decoder gave up, to tell the unfinished from the broken: of a TIFF without its directory,
 * which often stands at the end, libvips only says that the format is not supported.
 */
export function endsEarly(bytes: Uint8Array, format: ImageFormat): boolean {
  switch (format) {
    case 'tiff':
      return tiffLacks(bytes, 'anything');
    case 'png':
      return pngEndsEarly(viewOf(bytes));
    case 'jpeg':
      return jpegEndsEarly(bytes);
  }
}

/**
 * Whether a TIFF ends before its directory or its pixels. To be asked before decoding: libtiff may
 * fill in black for what is missing.
 */
export function lacksPixels(bytes: Uint8Array, format: ImageFormat): boolean {
  return format === 'tiff' && tiffLacks(bytes, 'pixels');
}

/** Bytes of one value of each TIFF field type; 0: no such type. */
const tiffTypeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

const stripOffsets = 273;
const stripByteCounts = 279;
const tileOffsets = 324;
const tileByteCounts = 325;

/** Reads the first directory, of TIFF 6.0 or with BigTIFF's wider fields. */
function tiffLacks(bytes: Uint8Array, what: 'pixels' | 'anything'): boolean {
  const view = viewOf(bytes);
  const littleEndian = bytes[0] === 0x49;
  const short = (at: number): number => view.getUint16(at, littleEndian);
  const long = (at: number): number => view.getUint32(at, littleEndian);
  const wide = (at: number): number => Number(view.getBigUint64(at, littleEndian));

  try {
    const big = short(2) === 43;
    const offset = big ? wide : long;
    const directory = offset(big ? 8 : 4);
    const entries = big ? wide(directory) : short(directory);
    let starts: number[] = [];
    let sizes: number[] = [];
    for (let index = 0; index < entries; index++) {
      const entry = directory + (big ? 8 + index * 20 : 2 + index * 12);
      const tag = short(entry);
      const type = short(entry + 2);
      const count = offset(entry + 4);
      const valueBytes = tiffTypeBytes[type] ?? 0;
      // Of no known type: that any number of them takes no room would be believed below.
      if (valueBytes === 0) continue;
      const field = entry + (big ? 12 : 8);
      const at = count * valueBytes <= (big ? 8 : 4) ? field : offset(field);
      const isStarts = tag === stripOffsets || tag === tileOffsets;
      const isSizes = tag === stripByteCounts || tag === tileByteCounts;
      if (!isStarts && !isSizes && what === 'pixels') continue;
      // Before allocating: a broken count can be anything.
      if (at + count * valueBytes > bytes.length) return true;
      if (!isStarts && !isSizes) continue;
      const read = valueBytes === 2 ? short : valueBytes === 4 ? long : wide;
      const values = Array.from({ length: count }, (_, nth) => read(at + nth * valueBytes));
      if (isStarts) starts = values;
      else sizes = values;
    }
    return starts.some((start, nth) => start + (sizes[nth] ?? 0) > bytes.length);
  } catch (error) {
    // DataView's, for a read beyond the end.
    if (error instanceof RangeError) return true;
    throw error;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Chunk after chunk (length, type, data, checksum) up to IEND. */
function pngEndsEarly(view: DataView): boolean {
  let at = 8;
  while (at + 12 <= view.byteLength) {
    if (view.getUint32(at + 4) === 0x49454e44) return false;
    at += 12 + view.getUint32(at);
  }
  return true;
}

/** A complete JPEG holds the end-of-image marker FF D9, outside of thumbnails at its very end. */
function jpegEndsEarly(bytes: Uint8Array): boolean {
  // Some cameras pad; more than this is something else.
  const from = Math.max(0, bytes.length - 4096);
  for (let at = bytes.length - 2; at >= from; at--) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return false;
  }
  return true;
}
