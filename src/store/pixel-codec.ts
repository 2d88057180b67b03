import type { PixelRecord } from './records.js';

const headerBytes = 8;

/** `[original height u32][original width u32][pixels u8...]`, little-endian. */
export function encodePixelRecord(record: PixelRecord): Uint8Array {
  const bytes = new Uint8Array(headerBytes + record.pixels.length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, record.originalHeight, true);
  header.setUint32(4, record.originalWidth, true);
  bytes.set(record.pixels, headerBytes);
  return bytes;
}

/** The pixels are a view into `bytes`, not a copy. */
export function decodePixelRecord(bytes: Uint8Array): PixelRecord {
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  return {
    originalHeight: header.getUint32(0, true),
    originalWidth: header.getUint32(4, true),
    pixels: bytes.subarray(headerBytes),
  };
}
