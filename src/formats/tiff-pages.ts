/** A page of a TIFF as its directory describes it: the values of the tags that matter here. */
export interface TiffPage {
  readonly tags: ReadonlyMap<number, readonly number[]>;
  /** Empty where there is none. */
  readonly description: string;
  /** Its place among all directories of the file, from 0. */
  readonly index: number;
}

export interface TiffPages {
  readonly littleEndian: boolean;
  /** Without thumbnails, reduced copies and transparency masks of other pages. */
  readonly pages: readonly TiffPage[];
  /** Where directories and pixels end; infinite where a directory itself is not all there. */
  readonly pixelsEnd: number;
  /** Where all ends that the directories speak of. */
  readonly end: number;
}

export const tiffTags = {
  subfileType: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  stripByteCounts: 279,
  columnsPerUnit: 282,
  rowsPerUnit: 283,
  resolutionUnit: 296,
  predictor: 317,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
} as const;

/** Bytes of one value of each TIFF field type; 0: no such type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const rational = 5;

const { subfileType, description, stripOffsets, stripByteCounts } = tiffTags;
const { tileOffsets, tileByteCounts } = tiffTags;
const placesTags = new Set<number>([stripOffsets, stripByteCounts, tileOffsets, tileByteCounts]);
const readTags = new Set<number>(Object.values(tiffTags));
/** Of a tag that holds one value, or one a channel. */
const mostValues = 1000;

/**
 * The directories of a TIFF or BigTIFF, of which the first `most` are read. A file that ends early
 * gives those that are there; a chain that runs in a circle ends where it would begin again.
 */
export function readTiffPages(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): TiffPages {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = bytes[0] === 0x49;
  const pages: TiffPage[] = [];
  let pixelsEnd = 0;
  let end = 0;
  try {
    const isBig = view.getUint16(2, littleEndian) === 43;
    const seen = new Set<number>();
    let at = offsetAt(view, isBig ? 8 : 4, isBig, littleEndian);
    let values = 0;
    for (let index = 0; at !== 0 && index < most && !seen.has(at); index++) {
      seen.add(at);
      const directory = readDirectory(view, at, { isBig, littleEndian });
      for (const tag of placesTags) values += directory.tags.get(tag)?.length ?? 0;
      // Pages that share their lists: made to take memory.
      if (values > bytes.length) break;
      pixelsEnd = Math.max(pixelsEnd, directory.pixelsEnd);
      end = Math.max(end, directory.end);
      const { tags, text, next } = directory;
      // Bit 0: reduced; bit 2: a mask of opacities.
      const isCopy = ((tags.get(subfileType)?.[0] ?? 0) & 5) !== 0;
      if (!isCopy || index === 0) pages.push({ tags, description: text, index });
      at = next;
    }
  } catch (error) {
    // DataView's, for a read beyond the end.
    if (!(error instanceof RangeError)) throw error;
    pixelsEnd = Number.POSITIVE_INFINITY;
  }
  return { littleEndian, pages, pixelsEnd, end: Math.max(end, pixelsEnd) };
}

interface Directory {
  readonly tags: Map<number, number[]>;
  readonly text: string;
  readonly next: number;
  readonly pixelsEnd: number;
  readonly end: number;
}

function readDirectory(
  view: DataView,
  start: number,
  { isBig, littleEndian }: { readonly isBig: boolean; readonly littleEndian: boolean },
): Directory {
  const offset = (at: number) => offsetAt(view, at, isBig, littleEndian);
  const entries = isBig ? offset(start) : view.getUint16(start, littleEndian);
  const first = start + (isBig ? 8 : 2);
  const entryBytes = isBig ? 20 : 12;
  const tags = new Map<number, number[]>();
  let text = '';
  let pixelsEnd = 0;
  let end = 0;
  for (let index = 0; index < entries; index++) {
    const entry = first + index * entryBytes;
    const tag = view.getUint16(entry, littleEndian);
    const type = view.getUint16(entry + 2, littleEndian);
    const count = offset(entry + 4);
    const size = typeBytes[type] ?? 0;
    // Of no known type: that any number of them takes no room would be believed below.
    if (size === 0) continue;
    const field = entry + (isBig ? 12 : 8);
    const at = count * size <= (isBig ? 8 : 4) ? field : offset(field);
    const fieldEnd = at + count * size;
    end = Math.max(end, fieldEnd);
    if (placesTags.has(tag)) pixelsEnd = Math.max(pixelsEnd, fieldEnd);
    // Before allocating: a broken count can be anything.
    if (!readTags.has(tag) || tags.has(tag) || fieldEnd > view.byteLength) continue;
    if (count > mostValues && tag !== description && !placesTags.has(tag)) continue;
    if (tag === description) text = textAt(view, at, count);
    else tags.set(tag, valuesAt(view, { at, type, count, littleEndian }));
  }
  for (const [starts, sizes] of [
    [tags.get(stripOffsets), tags.get(stripByteCounts)],
    [tags.get(tileOffsets), tags.get(tileByteCounts)],
  ]) {
    for (const [nth, from] of (starts ?? []).entries()) {
      pixelsEnd = Math.max(pixelsEnd, from + (sizes?.[nth] ?? 0));
    }
  }
  const link = first + entries * entryBytes;
  return { tags, text, next: nextAt(view, link, isBig, littleEndian), pixelsEnd, end };
}

/** Some writers leave out the link of the last page where it would be the end of the file. */
function nextAt(view: DataView, at: number, isBig: boolean, littleEndian: boolean): number {
  return at === view.byteLength ? 0 : offsetAt(view, at, isBig, littleEndian);
}

function offsetAt(view: DataView, at: number, isBig: boolean, littleEndian: boolean): number {
  return isBig ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
}

function textAt(view: DataView, at: number, length: number): string {
  const text = Buffer.from(view.buffer, view.byteOffset + at, length).toString('latin1');
  return text.replace(/\0[\s\S]*$/, '');
}

function valuesAt(
  view: DataView,
  of: {
    readonly at: number;
    readonly type: number;
    readonly count: number;
    readonly littleEndian: boolean;
  },
): number[] {
  const { at, type, count, littleEndian: little } = of;
  const size = typeBytes[type]!;
  return Array.from({ length: count }, (_, nth) => {
    const place = at + nth * size;
    if (type === rational) return view.getUint32(place, little) / view.getUint32(place + 4, little);
    if (size === 1) return view.getUint8(place);
    if (size === 2) return view.getUint16(place, little);
    if (size === 4) return view.getUint32(place, little);
    return Number(view.getBigUint64(place, little));
  });
}
