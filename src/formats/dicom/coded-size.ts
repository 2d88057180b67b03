import type { GridSize } from '../../operators/image.js';

/** What a compressed frame says of itself, to be held against the header before it is decoded. */
export interface CodedSize extends GridSize {
  readonly components: number;
  readonly precision: number;
  /** Of a JPEG: neither JFIF nor Adobe say whether its three components are RGB. */
  readonly isUnmarked: boolean;
}

/** Reads the frame header of a JPEG of any kind, JPEG-LS too; null where there is none. */
export function jpegSize(bytes: Uint8Array): CodedSize | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  let isUnmarked = true;
  for (let at = 2; at + 10 <= bytes.length; ) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) return null;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xe0 || marker === 0xee) isUnmarked = false;
    // SOF0 to SOF15 but for DHT, JPG and DAC, and JPEG-LS' SOF55.
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame || marker === 0xf7) {
      return {
        precision: bytes[at + 4]!,
        height: word(bytes, at + 5),
        width: word(bytes, at + 7),
        components: bytes[at + 9]!,
        // Components of RGB are as fine as each other.
        isUnmarked: isUnmarked && bytes[at + 11] === 0x11,
      };
    }
    at += 2 + word(bytes, at + 2);
  }
  return null;
}

/** Reads the SIZ marker of a JPEG 2000 code stream, also within a JP2 file. */
export function jpeg2000Size(bytes: Uint8Array): CodedSize | null {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('ff4fff51', 'hex');
  if (at < 0 || at > 4096 || at + 43 > bytes.length) return null;
  const long = (offset: number) => 65536 * word(bytes, offset) + word(bytes, offset + 2);
  return {
    width: long(at + 8) - long(at + 16),
    height: long(at + 12) - long(at + 20),
    components: word(bytes, at + 40),
    precision: (bytes[at + 42]! & 127) + 1,
    isUnmarked: false,
  };
}

function word(bytes: Uint8Array, at: number): number {
  return 256 * bytes[at]! + bytes[at + 1]!;
}
