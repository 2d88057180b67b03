import type { PixelSpacing } from './frames.js';
import { readTiffPages, type TiffPage, tiffTags } from './tiff-pages.js';

/**
 * Resolutions that programs write when they know none, in dots an inch; 25.4, a pixel a millimetre,
 * is libvips'.
 */
const usualDpi = [1, 25.4, 72, 75, 96, 100, 144, 150, 200, 300, 600, 1200];

/** Millimetres of the unit that the tag ResolutionUnit names: inch, centimetre. */
const tagUnits: Readonly<Record<number, number>> = { 2: 25.4, 3: 10 };

/** Millimetres of the units that ImageJ writes in words. */
const wordUnits: Readonly<Record<string, number>> = {
  ...{ mm: 1, millimeter: 1, cm: 10, centimeter: 10, inch: 25.4 },
  ...{ micron: 0.001, microns: 0.001, micrometer: 0.001, um: 0.001, '\\u00B5m': 0.001 },
  ...{ '\u00b5m': 0.001, '\u03bcm': 0.001 },
};

/**
 * What a page's resolution says of pixels in millimetres, where that can be of an ultrasound image:
 * 0.005 to 2 mm, and none of the numbers that scanners and printers put there. Where ImageJ names a
 * unit, the tag's does not count.
 */
export function spacingOfPage({ tags, description }: TiffPage): PixelSpacing | null {
  const own = /^ImageJ=/.test(description) ? /^unit=(.*?)\s*$/m.exec(description)?.[1] : undefined;
  const unit = tags.get(tiffTags.resolutionUnit)?.[0] ?? 2;
  const length = own === undefined ? tagUnits[unit] : wordUnits[own];
  if (length === undefined) return null;
  const columnMm = length / (tags.get(tiffTags.columnsPerUnit)?.[0] ?? 0);
  const rowMm = length / (tags.get(tiffTags.rowsPerUnit)?.[0] ?? 0);
  const dpi = 25.4 / columnMm;
  if (own === undefined && usualDpi.some((usual) => Math.abs(dpi - usual) < usual / 200))
    return null;
  return [rowMm, columnMm].every((mm) => mm >= 0.005 && mm <= 2) ? { rowMm, columnMm } : null;
}

/** The same of a file's first page; null for what is no TIFF. */
export function tiffSpacing(bytes: Uint8Array): PixelSpacing | null {
  const isTiff = bytes.length >= 8 && bytes[0] === bytes[1] && [0x49, 0x4d].includes(bytes[0]!);
  const [page] = isTiff ? readTiffPages(bytes, 1).pages : [];
  return page === undefined ? null : spacingOfPage(page);
}
