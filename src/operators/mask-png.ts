import { sharp } from './configured-sharp.js';
import type { GridSize } from './image.js';

/** A mask of 0 and 1 as an 8-bit grey PNG of 0 and 255, which every viewer shows. */
export async function encodeMaskPng(
  mask: Uint8Array,
  { height, width }: GridSize,
): Promise<Buffer> {
  const grey = mask.map((value) => (value === 0 ? 0 : 255));
  return await sharp(grey, { raw: { height, width, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 6 })
    .toBuffer();
}
