/**
 * 8-bit grey as 0 and 1, in the way that `maskOfFrame` tells; four pixels at a time where that will
 * do. Null where some values reach half of the range and others lie between that and 0: whether they
 * are labels or a soft edge takes a closer look, unless `mayHoldLabels` is false.
 */
export function maskOfBytes(data: Uint8Array, mayHoldLabels: boolean): Uint8Array | null {
  const mask = new Uint8Array(data.length);
  const words = data.byteOffset % 4 === 0 ? data.length >> 2 : 0;
  const four = new Int32Array(data.buffer, words === 0 ? 0 : data.byteOffset, words);
  let seen = 0;
  let low = 0;
  for (let at = 0; at < words; at++) {
    const value = four[at]!;
    seen |= value;
    // The highest bit of each byte that is neither 0 nor has it itself.
    low |= ((value & 0x7f7f_7f7f) + 0x7f7f_7f7f) & ~value;
  }
  for (let at = words * 4; at < data.length; at++) {
    const value = data[at]!;
    seen |= value;
    low |= (value + 0x7f) & ~value;
  }
  if (seen === 0) return mask;
  const hasHalf = (seen & 0x8080_8080) !== 0;
  if (!hasHalf && !mayHoldLabels) return mask;
  if (hasHalf && mayHoldLabels && (low & 0x8080_8080) !== 0) return null;
  const fourOfMask = new Int32Array(mask.buffer, 0, hasHalf ? words : 0);
  for (let at = 0; at < fourOfMask.length; at++) fourOfMask[at] = (four[at]! >>> 7) & 0x0101_0101;
  const least = hasHalf ? 128 : 1;
  for (let at = fourOfMask.length * 4; at < data.length; at++)
    mask[at] = data[at]! >= least ? 1 : 0;
  return mask;
}
