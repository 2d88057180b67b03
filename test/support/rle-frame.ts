/** A frame in DICOM's run lengths: a segment of PackBits for each plane of bytes. */
export function rleFrame(planes: readonly Uint8Array[]): Buffer {
  const segments = planes.map(packBits);
  const header = Buffer.alloc(64);
  header.writeUInt32LE(segments.length, 0);
  let offset = header.length;
  for (const [i, segment] of segments.entries()) {
    header.writeUInt32LE(offset, 4 * (i + 1));
    offset += segment.length;
  }
  return Buffer.concat([header, ...segments]);
}

function packBits(bytes: Uint8Array): Buffer {
  const packed: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let run = 1;
    while (run < 128 && bytes[at + run] === bytes[at]) run++;
    if (run > 1) {
      packed.push(257 - run, bytes[at]!);
      at += run;
      continue;
    }
    let end = at + 1;
    while (end < bytes.length && end - at < 128 && bytes[end] !== bytes[end + 1]) end++;
    packed.push(end - at - 1, ...bytes.subarray(at, end));
    at = end;
  }
  if (packed.length % 2 === 1) packed.push(128);
  return Buffer.from(packed);
}
