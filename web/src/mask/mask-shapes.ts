import { getMask, type Image, type MaskOf } from '../api.js';
import { type Bitmap, bitmapOf } from './bitmap.js';
import { edgesOf } from './edges.js';

/** A mask, ready to be drawn in image pixels at any scale. */
export interface MaskShape extends Bitmap {
  readonly outline: Path2D;
}

/** So many are kept, those asked for last. */
const mostKept = 600;
const kept = new Map<string, Promise<MaskShape | null>>();

/** Null where there is no such mask. Asked for once as long as it is kept. */
export async function maskShape(
  image: Pick<Image, 'key' | 'version'>,
  of: MaskOf,
): Promise<MaskShape | null> {
  const name = `${of} ${image.version} ${image.key}`;
  const found = kept.get(name) ?? load(image, of);
  kept.delete(name);
  kept.set(name, found);
  const [oldest] = kept.keys();
  if (kept.size > mostKept) kept.delete(oldest!);
  try {
    return await found;
  } catch (error) {
    kept.delete(name);
    throw error;
  }
}

async function load(image: Pick<Image, 'key' | 'version'>, of: MaskOf): Promise<MaskShape | null> {
  const mask = await getMask(image, of);
  if (mask === null) return null;
  const bitmap = bitmapOf(mask);
  const outline = new Path2D();
  for (const [x0, y0, x1, y1] of edgesOf(bitmap)) {
    outline.moveTo(x0, y0);
    outline.lineTo(x1, y1);
  }
  return { ...bitmap, outline };
}
