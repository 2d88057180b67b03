import type { PixelSpacing } from './frames.js';

/** Resolutions that programs write when they know none, in dots an inch. */
const usualDpi = [1, 72, 75, 96, 100, 144, 150, 200, 300, 600, 1200];
const millimetres: Readonly<Record<number, number>> = { 2: 25.4, 3: 10 };

/**
 * What a TIFF's resolution says of pixels in millimetres, where that can be of an ultrasound
 * image: 0.005 to 2 mm, and none of the numbers that scanners and printers put there.
 *
 * @param unit 2: inch, 3: centimetre; ImageJ writes its own into the description
 */
export function spacingOfResolution(
  pixelsAcross: number,
  pixelsDown: number,
  unit: number,
  description = '',
): PixelSpacing | null {
  const own = /^ImageJ=/.test(description) ? /^unit=(.*)$/m.exec(description)?.[1] : undefined;
  const length =
    own === 'mm' ? 1 : own === 'cm' ? 10 : own === undefined ? millimetres[unit] : undefined;
  if (length === undefined) return null;
  const columnMm = length / pixelsAcross;
  const rowMm = length / pixelsDown;
  const isUsual =
    own === undefined && usualDpi.some((dpi) => Math.abs(25.4 / columnMm - dpi) < 0.6);
  const isPlausible = [rowMm, columnMm].every((mm) => mm >= 0.005 && mm <= 2);
  return isPlausible && !isUsual ? { rowMm, columnMm } : null;
}

/** The same of the first directory of a classic TIFF. */
export function tiffSpacing(bytes: Uint8Array): PixelSpacing | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  try {
    const start = view.getUint32(4, little);
    const found = new Map<number, number>();
    for (let index = 0; index < view.getUint16(start, little); index++) {
      const entry = start + 2 + index * 12;
      const tag = view.getUint16(entry, little);
      if (tag === 282 || tag === 283) {
        const at = view.getUint32(entry + 8, little);
        found.set(tag, view.getUint32(at, little) / view.getUint32(at + 4, little));
      } else if (tag === 296) found.set(tag, view.getUint16(entry + 8, little));
    }
    return spacingOfResolution(found.get(282) ?? 0, found.get(283) ?? 0, found.get(296) ?? 2);
  } catch (error) {
    // DataView's, for a read beyond the end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
