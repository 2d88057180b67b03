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
 * What a TIFF's resolution says of pixels in millimetres, where that can be of an ultrasound image:
 * 0.005 to 2 mm, and none of the numbers that scanners and printers put there.
 *
 * @param unit 2: inch, 3: centimetre; it does not count where ImageJ names one in the description
 */
export function spacingOfResolution(
  pixelsAcross: number,
  pixelsDown: number,
  unit: number,
  description = '',
): PixelSpacing | null {
  const own = /^ImageJ=/.test(description) ? /^unit=(.*?)\s*$/m.exec(description)?.[1] : undefined;
  const length = own === undefined ? tagUnits[unit] : wordUnits[own];
  if (length === undefined) return null;
  const [columnMm, rowMm] = [length / pixelsAcross, length / pixelsDown];
  const dpi = 25.4 / columnMm;
  const isUsual = usualDpi.some((usual) => Math.abs(dpi - usual) < usual / 200);
  if (own === undefined && isUsual) return null;
  return [rowMm, columnMm].every((mm) => mm >= 0.005 && mm <= 2) ? { rowMm, columnMm } : null;
}

export function spacingOfPage({ tags, description }: TiffPage): PixelSpacing | null {
  const one = (tag: number, fallback: number) => tags.get(tag)?.[0] ?? fallback;
  return spacingOfResolution(
    one(tiffTags.columnsPerUnit, 0),
    one(tiffTags.rowsPerUnit, 0),
    one(tiffTags.resolutionUnit, 2),
    description,
  );
}

/** The same of a file's first page; null for what is no TIFF. */
export function tiffSpacing(bytes: Uint8Array): PixelSpacing | null {
  const isTiff = bytes.length >= 8 && bytes[0] === bytes[1] && [0x49, 0x4d].includes(bytes[0]!);
  const [page] = isTiff ? readTiffPages(bytes, 1).pages : [];
  return page === undefined ? null : spacingOfPage(page);
}
