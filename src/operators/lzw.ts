const clearCode = 256;
const endCode = 257;
const firstFree = 258;
const most = 4096;

/** From this length on a call that copies is quicker than a loop. */
const longString = 32;

/**
 * Where the string of each code stands in what was written already, and its length: a new string is
 * the one before it and the byte after that, which lie side by side there.
 */
const startOfCode = new Int32Array(most);
const lengthOfCode = new Int32Array(most);

/**
 * LZW as TIFF has it (highest bit first, codes widen one early), into `out[from..to)`. False when the
 * codes make no sense or end before all is filled. Old files that count from the lowest bit are none
 * of these.
 */
export function decodeLzw(coded: Uint8Array, out: Uint8Array, from: number, to: number): boolean {
  if (coded[0] === 0 && (coded[1]! & 1) === 1) return false;
  // Locals throughout: this is the loop that a scan of a folder spends its time in.
  const starts = startOfCode;
  const lengths = lengthOfCode;
  const size = coded.length;
  let at = 0;
  let bits = 0;
  let held = 0;
  let width = 9;
  let mask = (1 << width) - 1;
  let next = firstFree;
  let write = from;
  let start = 0;
  /** Of the string before; 0 right after a clear code. */
  let length = 0;
  while (write < to) {
    while (held < width) {
      if (at >= size) return false;
      // What is shifted out on the left has been read.
      bits = (bits << 8) | coded[at++]!;
      held += 8;
    }
    held -= width;
    const code = (bits >>> held) & mask;
    if (code === clearCode) {
      width = 9;
      mask = (1 << width) - 1;
      next = firstFree;
      length = 0;
      continue;
    }
    if (length > 0) {
      if (next >= most) return false;
      starts[next] = start;
      lengths[next++] = length + 1;
      if (next >= mask && width < 12) {
        width++;
        mask = (1 << width) - 1;
      }
    }
    start = write;
    if (code < clearCode) {
      out[write++] = code;
      length = 1;
      continue;
    }
    if (code === endCode || length === 0 || code >= next) return false;
    const source = starts[code]!;
    length = lengths[code]!;
    write = copy(out, source, start, Math.min(start + length, to));
  }
  return true;
}

/** Byte after byte: a string may begin with what it has just written. */
function copy(out: Uint8Array, source: number, start: number, end: number): number {
  if (end - start >= longString && source + (end - start) <= start) {
    out.copyWithin(start, source, source + end - start);
    return end;
  }
  let write = start;
  let read = source;
  while (write < end) out[write++] = out[read++]!;
  return end;
}
