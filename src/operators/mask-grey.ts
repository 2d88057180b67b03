import { squaredDistances } from './distance-transform.js';
import type { GridSize } from './image.js';

/** How bright an image is in a mask and around it. */
export interface MaskGrey {
  /** Mean of the mask's pixels; null of an empty mask. */
  readonly inside: number | null;
  /** Mean of a ring around it, as wide as half the radius of a disc of the mask's area, at least a pixel. */
  readonly ring: number | null;
}

/**
 * @param image grey values, row-major
 * @param mask 0 or 1, on the same grid
 */
export function maskGrey(image: Uint8Array, mask: Uint8Array, size: GridSize): MaskGrey {
  const area = mask.reduce((sum, pixel) => sum + pixel, 0);
  if (area === 0) return { inside: null, ring: null };
  const width = Math.max(1, Math.sqrt(area / Math.PI) / 2);
  const distances = squaredDistances(mask, size);
  let [inside, ring, ringPixels] = [0, 0, 0];
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 1) {
      inside += image[at]!;
    } else if (distances[at]! <= width * width) {
      ring += image[at]!;
      ringPixels++;
    }
  }
  return { inside: inside / area, ring: ringPixels === 0 ? null : ring / ringPixels };
}
