/**
 * 8-bit grey as 0 and 1, in the way that `decodeMask` tells; four pixels at a time where that will do.
 */
export function maskOfBytes(data: Uint8Array, mayHoldLabels: boolean): Uint8Array {
  const mask = new Uint8Array(data.length);
  const words = data.byteOffset % 4 === 0 ? data.length >> 2 : 0;
  const four = new Int32Array(data.buffer, words === 0 ? 0 : data.byteOffset, words);
  let seen = 0;
  for (let at = 0; at < words; at++) seen |= four[at]!;
  for (let at = words * 4; at < data.length; at++) seen |= data[at]!;
  if (seen === 0) return mask;
  const hasHalf = (seen & 0x8080_8080) !== 0;
  if (!hasHalf && !mayHoldLabels) return mask;
  const fourOfMask = new Int32Array(mask.buffer, 0, hasHalf ? words : 0);
  for (let at = 0; at < fourOfMask.length; at++) fourOfMask[at] = (four[at]! >>> 7) & 0x0101_0101;
  const least = hasHalf ? 128 : 1;
  for (let at = fourOfMask.length * 4; at < data.length; at++)
    mask[at] = data[at]! >= least ? 1 : 0;
  return mask;
}
