/** A page as it is to be written; tags are added to, or stand in for, what follows from the others. */
export interface TiffPage {
  readonly height: number;
  readonly width: number;
  /** Values in the file's byte order, or coded. */
  readonly pixels: Uint8Array;
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point. */
  readonly format?: number;
  readonly samples?: number;
  readonly tags?: readonly TiffTag[];
}

/** Type 2: text; 3 and 4: whole numbers of 16 and 32 bits; 5: a fraction, as two numbers. */
export type TiffTag = readonly [
  tag: number,
  type: 2 | 3 | 4 | 5,
  value: string | readonly number[],
];

const bytesOf = { 2: 1, 3: 2, 4: 4, 5: 8 } as const;

/** A TIFF of any pages, of sample types, compressions and tags that sharp does not write. */
export function tiffOfPages(pages: readonly TiffPage[], { isBig = false } = {}): Uint8Array {
  const little = !isBig;
  const parts: Uint8Array[] = [];
  let length = 8;
  const add = (part: Uint8Array): number => {
    const even = part.length % 2 === 0 ? part : Uint8Array.from([...part, 0]);
    parts.push(even);
    length += even.length;
    return length - even.length;
  };
  const head = new DataView(new ArrayBuffer(8));
  head.setUint16(0, isBig ? 0x4d4d : 0x4949);
  head.setUint16(2, 42, little);
  let link: [DataView, number] = [head, 4];
  for (const page of pages) {
    const start = add(page.pixels);
    const entries = [...tagsOf(page, start)].sort(([one], [other]) => one - other);
    const directory = new DataView(new ArrayBuffer(2 + entries.length * 12 + 4));
    directory.setUint16(0, entries.length, little);
    for (const [index, [tag, type, value]] of entries.entries()) {
      const bytes = valueBytes(type, value, little);
      const at = 2 + index * 12;
      directory.setUint16(at, tag, little);
      directory.setUint16(at + 2, type, little);
      directory.setUint32(at + 4, bytes.length / bytesOf[type], little);
      if (bytes.length > 4) directory.setUint32(at + 8, add(bytes), little);
      else new Uint8Array(directory.buffer).set(bytes, at + 8);
    }
    const at = add(new Uint8Array(directory.buffer));
    link[0].setUint32(link[1], at, little);
    link = [directory, directory.byteLength - 4];
  }
  return Buffer.concat([new Uint8Array(head.buffer), ...parts]);
}

function tagsOf(page: TiffPage, start: number): Iterable<TiffTag> {
  const { height, width, pixels, bits, format = 1, samples = 1, tags = [] } = page;
  const usual: TiffTag[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array.from({ length: samples }, () => bits)],
    [259, 3, [1]],
    [262, 3, [samples >= 3 ? 2 : 1]],
    [273, 4, [start]],
    [277, 3, [samples]],
    [278, 4, [height]],
    [279, 4, [pixels.length]],
    [339, 3, Array.from({ length: samples }, () => format)],
  ];
  return new Map([...usual, ...tags].map((tag) => [tag[0], tag])).values();
}

function valueBytes(type: TiffTag[1], value: TiffTag[2], little: boolean): Uint8Array {
  if (typeof value === 'string') return Buffer.from(`${value}\0`, 'latin1');
  const size = type === 3 ? 2 : 4;
  const bytes = new DataView(new ArrayBuffer(value.length * size));
  for (const [index, number] of value.entries()) {
    if (size === 2) bytes.setUint16(index * 2, number, little);
    else bytes.setUint32(index * 4, number, little);
  }
  return new Uint8Array(bytes.buffer);
}

/** Values as a file of little (or big) endian numbers holds them. */
export function bytesOfValues(
  values: Exclude<ArrayBufferView<ArrayBuffer>, DataView>,
  { isBig = false } = {},
): Uint8Array {
  const bytes = Buffer.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const size = (values as Uint8Array).BYTES_PER_ELEMENT;
  if (isBig && size > 1) bytes[`swap${(size * 8) as 16 | 32 | 64}`]();
  return bytes;
}
