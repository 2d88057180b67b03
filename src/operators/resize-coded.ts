import type { GridSize } from './image.js';
import { resizePlainTiff } from './plain-tiff.js';
import type { CodedImage, ResizedImage } from './source-image.js';

/** What resizing straight from a file's bytes gives. */
export type FusedResize =
  | { readonly type: 'resized'; readonly image: ResizedImage }
  /** Not a file for that: it has to be decoded. */
  | { readonly type: 'left'; readonly image: CodedImage }
  /** The thread that had the bytes is no more. */
  | { readonly type: 'lost' };

/**
 * Decodes and resizes a plain TIFF in one go, on this thread. Apart from `resize`, which knows of
 * libvips: loading that takes a thread longer than hundreds of files.
 */
export function resizeCoded(image: CodedImage, size: GridSize): FusedResize {
  const { bytes, kind, maxPixels } = image;
  const resized = resizePlainTiff(bytes, kind, size, maxPixels);
  return resized === null ? { type: 'left', image } : { type: 'resized', image: resized };
}
