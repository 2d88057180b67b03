import type { PreviewEvent } from '../events.js';
import { imageDice } from '../operators/dice.js';
import type { GridSize } from '../operators/image.js';
import { pictureMask, withTruth } from '../operators/preview-picture.js';
import { resizeMask } from '../operators/resize.js';
import { decodeRle } from '../operators/rle.js';

/**
 * What the model sees of a test image, with the mask that was drawn with it and their Dice: as of a
 * held-out image. As it is where no truth of this image is known.
 *
 * @param truth RLE on the original grid, of the size `original`.
 */
export async function previewWithTruth(
  preview: PreviewEvent,
  truth: string | undefined,
  original: GridSize | undefined,
): Promise<PreviewEvent> {
  if (truth === undefined || original === undefined) return preview;
  const mask = decodeRle(truth, original);
  if (!mask.ok) return preview;
  const { picture } = preview;
  const { height, width } = original;
  const { data } = await resizeMask({ data: mask.value, height, width }, picture);
  return {
    ...preview,
    picture: withTruth(picture, data),
    imageDice: imageDice(data, pictureMask(picture.mask, picture)),
  };
}
