import { readTiffPages } from '../formats/tiff-pages.js';

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
      return readTiffPages(bytes).end > bytes.length;
    case 'png':
      return pngEndsEarly(viewOf(bytes));
    case 'jpeg':
      return jpegEndsEarly(bytes);
  }
}

/**
 * Whether a TIFF ends before one of its pages' directory or pixels. To be asked before decoding: libtiff may
 * fill in black for what is missing.
 */
export function lacksPixels(bytes: Uint8Array, format: ImageFormat): boolean {
  return format === 'tiff' && readTiffPages(bytes).pixelsEnd > bytes.length;
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
