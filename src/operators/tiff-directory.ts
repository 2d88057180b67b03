/** Of the directory, what decides the pixels. */
export interface TiffDirectory {
  width: number;
  height: number;
  bits: number;
  compression: number;
  photometric: number;
  samples: number;
  rowsPerStrip: number;
  predictor: number;
  fillOrder: number;
  offsets: readonly number[];
  byteCounts: readonly number[];
}

export const uncompressed = 1;

const imageDescription = 270;
/** `Imag` as one number. */
const imageJ = 0x496d6167;

/** They say nothing about the pixels: titles, resolutions, dates, profiles, XMP, Exif and the like. */
const silentTags = new Set([
  254, 255, 269, 270, 271, 272, 274, 282, 283, 284, 285, 296, 297, 305, 306, 315, 316, 700, 33723,
  34377, 34665, 34675,
]);
const bytesOfType: Readonly<Record<number, number>> = { 3: 2, 4: 4 };

/** The first directory of a classic TIFF, or null where anything about it is out of the ordinary. */
export function readTiffDirectory(bytes: Uint8Array): TiffDirectory | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  if (bytes.length < 14 || view.getUint16(2, little) !== 42) return null;
  const start = view.getUint32(4, little);
  if (start + 2 > bytes.length) return null;
  const entries = view.getUint16(start, little);
  if (start + 2 + entries * 12 > bytes.length) return null;

  const directory: TiffDirectory = {
    width: 0,
    height: 0,
    bits: 1,
    compression: uncompressed,
    photometric: -1,
    samples: 1,
    rowsPerStrip: -1,
    predictor: 1,
    fillOrder: 1,
    offsets: [],
    byteCounts: [],
  };
  for (let index = 0, before = 0; index < entries; index++) {
    const entry = start + 2 + index * 12;
    const tag = view.getUint16(entry, little);
    // Ascending, each once.
    if (tag <= before) return null;
    before = tag;
    if (tag === imageDescription && isOfImageJ(view, entry, little)) return null;
    if (silentTags.has(tag)) continue;
    const values = valuesOf(view, entry, little);
    if (values === null) return null;
    const [value] = values;
    if (value === undefined) return null;
    const isList = tag === 273 || tag === 279;
    if (!isList && values.length !== 1) return null;
    switch (tag) {
      case 256:
        directory.width = value;
        break;
      case 257:
        directory.height = value;
        break;
      case 258:
        directory.bits = value;
        break;
      case 259:
        directory.compression = value;
        break;
      case 262:
        directory.photometric = value;
        break;
      case 266:
        directory.fillOrder = value;
        break;
      case 273:
        directory.offsets = values;
        break;
      case 277:
        directory.samples = value;
        break;
      case 278:
        directory.rowsPerStrip = value;
        break;
      case 279:
        directory.byteCounts = values;
        break;
      case 317:
        directory.predictor = value;
        break;
      case 339:
        // Unsigned integers.
        if (value !== 1) return null;
        break;
      default:
        return null;
    }
  }
  // More pages are more frames.
  const next = start + 2 + entries * 12;
  if (next + 4 > bytes.length || view.getUint32(next, little) !== 0) return null;
  const { height, rowsPerStrip } = directory;
  directory.rowsPerStrip = rowsPerStrip === -1 ? height : Math.min(rowsPerStrip, height);
  return directory;
}

/** Its description may tell of pages that have no directory of their own. */
function isOfImageJ(view: DataView, entry: number, little: boolean): boolean {
  const at = view.getUint32(entry + 8, little);
  return at + 4 <= view.byteLength && view.getUint32(at) === imageJ;
}

function valuesOf(view: DataView, entry: number, little: boolean): number[] | null {
  const size = bytesOfType[view.getUint16(entry + 2, little)];
  const count = view.getUint32(entry + 4, little);
  if (size === undefined || count * size > view.byteLength) return null;
  const at = count * size <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
  if (at + count * size > view.byteLength) return null;
  return Array.from({ length: count }, (_, nth) =>
    size === 2 ? view.getUint16(at + 2 * nth, little) : view.getUint32(at + 4 * nth, little),
  );
}
