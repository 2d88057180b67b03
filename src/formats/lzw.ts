const clear = 256;
const end = 257;
const mostCodes = 4096;
/** Protects memory from a small file's claim. */
const mostBytes = 1024 * 1024 * 1024;

/**
 * LZW as TIFF 6.0 has it, section 13. A string's beginning always has a lower code than itself, so
 * that damaged data ends too. Throws where a code stands for nothing.
 */
export function decodeLzw(coded: Uint8Array): Uint8Array<ArrayBuffer> {
  const beginnings = new Uint16Array(mostCodes);
  const lasts = new Uint8Array(mostCodes);
  const lengths = new Uint16Array(mostCodes);
  for (let value = 0; value < 256; value++) {
    lasts[value] = value;
    lengths[value] = 1;
  }
  let plain = new Uint8Array(coded.length * 4 + mostCodes);
  let size = 0;
  let next = end + 1;
  let before = -1;
  let width = 9;
  let held = 0;
  let bits = 0;
  for (let at = 0; ; ) {
    for (; bits < width && at < coded.length; bits += 8)
      held = ((held << 8) | coded[at++]!) & 0xff_ffff;
    if (bits < width) break;
    bits -= width;
    const code = (held >> bits) & ((1 << width) - 1);
    if (code === end) break;
    if (code === clear) {
      next = end + 1;
      width = 9;
      before = -1;
      continue;
    }
    const isNew = code === next && before >= 0;
    if (code >= next && !isNew) throw new Error(`LZW code ${code} stands for nothing`);
    const from = isNew ? before : code;
    const length = lengths[from]!;
    if (size + length + 1 > plain.length) plain = grown(plain);
    let string = from;
    for (let place = size + length - 1; place >= size; place--) {
      plain[place] = lasts[string]!;
      string = beginnings[string]!;
    }
    const first = plain[size]!;
    size += length;
    if (isNew) plain[size++] = first;
    if (before >= 0 && next < mostCodes) {
      beginnings[next] = before;
      lasts[next] = first;
      lengths[next] = lengths[before]! + 1;
      next++;
      // One code early, as all writers of TIFF do.
      if (next + 1 >= 1 << width && width < 12) width++;
    }
    before = code;
  }
  return plain.slice(0, size);
}

function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length >= mostBytes) throw new Error('LZW: more than a picture can be');
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
