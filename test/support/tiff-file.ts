/**
 * An uncompressed grey or palette TIFF written by hand: with its directory before the pixels, in
 * either byte order, in sample types and with palettes that sharp does not write.
 */
export function tiffFile(
  { height, width }: { height: number; width: number },
  samples: ArrayLike<number>,
  {
    bits = 8,
    bigEndian = false,
    palette,
    float = false,
  }: {
    bits?: 8 | 16 | 32;
    bigEndian?: boolean;
    /** 256 entries of red, green and blue, 0..255. */
    palette?: (index: number) => readonly [number, number, number];
    float?: boolean;
  } = {},
): Uint8Array {
  const pixelBytes = (height * width * bits) / 8;
  const tags: [tag: number, type: 3 | 4, count: number, value: number][] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, bits],
    [259, 3, 1, 1],
    [262, 3, 1, palette === undefined ? 1 : 3],
    [273, 4, 1, 0],
    [277, 3, 1, 1],
    [278, 4, 1, height],
    [279, 4, 1, pixelBytes],
  ];
  if (palette !== undefined) tags.push([320, 3, 768, 0]);
  if (float) tags.push([339, 3, 1, 3]);
  const directoryEnd = 8 + 2 + tags.length * 12 + 4;
  const paletteBytes = palette === undefined ? 0 : 768 * 2;
  const pixels = directoryEnd + paletteBytes;

  const file = new Uint8Array(pixels + pixelBytes);
  const view = new DataView(file.buffer);
  const little = !bigEndian;
  file.set(bigEndian ? [0x4d, 0x4d] : [0x49, 0x49]);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, tags.length, little);
  for (const [index, [tag, type, count, value]] of tags.entries()) {
    const at = 10 + index * 12;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, count, little);
    if (tag === 273) view.setUint32(at + 8, pixels, little);
    else if (tag === 320) view.setUint32(at + 8, directoryEnd, little);
    else if (type === 3) view.setUint16(at + 8, value, little);
    else view.setUint32(at + 8, value, little);
  }
  for (let index = 0; palette !== undefined && index < 256; index++) {
    for (const [channel, value] of palette(index).entries()) {
      view.setUint16(directoryEnd + (channel * 256 + index) * 2, value * 257, little);
    }
  }
  for (let index = 0; index < height * width; index++) {
    const at = pixels + (index * bits) / 8;
    const sample = samples[index] ?? 0;
    if (float) view.setFloat32(at, sample, little);
    else if (bits === 8) view.setUint8(at, sample);
    else if (bits === 16) view.setUint16(at, sample, little);
    else view.setUint32(at, sample, little);
  }
  return file;
}
