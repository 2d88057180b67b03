/**
 * DICOM's run lengths (PS3.5 annex G): a segment a byte of each value, the high byte first, packed
 * as in PackBits. Gives the values pixel by pixel, or null where the bytes do not hold them.
 */
export function decodeRle(
  bytes: Uint8Array,
  pixels: number,
  samples: number,
  bytesPerSample: 1 | 2 | 4,
): Uint8Array | Uint16Array | Uint32Array | null {
  const segments = samples * bytesPerSample;
  if (bytes.length < headerLength) return null;
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  if (header.getUint32(0, true) !== segments || segments > 15) return null;

  const values = new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[bytesPerSample](
    pixels * samples,
  );
  const plane = new Uint8Array(pixels);
  for (let segment = 0; segment < segments; segment++) {
    const start = header.getUint32(4 * (segment + 1), true);
    const next = segment + 1 < segments ? header.getUint32(4 * (segment + 2), true) : bytes.length;
    if (start < headerLength || next > bytes.length) return null;
    if (!unpack(bytes.subarray(start, next), plane)) return null;
    const sample = Math.floor(segment / bytesPerSample);
    for (let pixel = 0, to = sample; pixel < pixels; pixel++, to += samples) {
      values[to] = values[to]! * 256 + plane[pixel]!;
    }
  }
  return values;
}

const headerLength = 64;

/** Fills `to`; false if the bytes end before. */
function unpack(from: Uint8Array, to: Uint8Array): boolean {
  let at = 0;
  let filled = 0;
  while (filled < to.length) {
    if (at + 1 >= from.length) return false;
    const code = from[at++]!;
    if (code < 128) {
      const run = from.subarray(at, at + Math.min(code + 1, to.length - filled));
      to.set(run, filled);
      filled += run.length;
      at += code + 1;
    } else if (code > 128) {
      const end = Math.min(filled + 257 - code, to.length);
      to.fill(from[at++]!, filled, end);
      filled = end;
    }
  }
  return true;
}
