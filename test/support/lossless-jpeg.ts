/**
 * A lossless JPEG (process 14, each pixel predicted from its left neighbour), its components
 * interleaved: what DICOM's transfer syntax .70 holds.
 */
export function losslessJpeg(image: {
  readonly height: number;
  readonly width: number;
  readonly components: number;
  readonly precision: number;
  /** Pixel by pixel. */
  readonly values: ArrayLike<number>;
}): Buffer {
  const { height, width, components, precision, values } = image;
  const numbers = Array.from({ length: components }, (_, i) => i + 1);
  // One Huffman table: a code of 5 bits for each number of bits that a difference may have.
  const table = [0, 0, 0, 0, 0, differenceSizes.length, ...Array(11).fill(0), ...differenceSizes];
  const frame = [precision, ...word(height), ...word(width), components];
  const bits = new Bits();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let component = 0; component < components; component++) {
        const at = (row * width + column) * components + component;
        const from = column > 0 ? at - components : row > 0 ? at - width * components : null;
        const predicted = from === null ? 2 ** (precision - 1) : values[from]!;
        writeDifference(bits, values[at]! - predicted);
      }
    }
  }
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xc3, [...frame, ...numbers.flatMap((number) => [number, 0x11, 0])]),
    segment(0xc4, table),
    segment(0xda, [components, ...numbers.flatMap((number) => [number, 0]), 1, 0, 0]),
    bits.toBuffer(),
    Buffer.from([0xff, 0xd9]),
  ]);
}

const differenceSizes = Array.from({ length: 17 }, (_, i) => i);

function writeDifference(bits: Bits, difference: number): void {
  const size = difference === 0 ? 0 : 32 - Math.clz32(Math.abs(difference));
  bits.push(size, 5);
  bits.push(difference < 0 ? difference + 2 ** size - 1 : difference, size);
}

function segment(marker: number, content: readonly number[]): Buffer {
  return Buffer.from([0xff, marker, ...word(content.length + 2), ...content]);
}

const word = (value: number) => [value >> 8, value & 255];

class Bits {
  private readonly digits: number[] = [];

  push(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.digits.push((value >> i) & 1);
  }

  /** Padded with ones; a byte of ones is followed by a zero, for it would begin a marker. */
  toBuffer(): Buffer {
    const bytes: number[] = [];
    for (let at = 0; at < this.digits.length; at += 8) {
      let byte = 0;
      for (let i = 0; i < 8; i++) byte = byte * 2 + (this.digits[at + i] ?? 1);
      bytes.push(byte, ...(byte === 255 ? [0] : []));
    }
    return Buffer.from(bytes);
  }
}
