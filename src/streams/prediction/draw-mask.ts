import { map, type OperatorFunction } from 'rxjs';
import { postProcessingKey, predictionFingerprint } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import { postProcess } from '../../operators/post-processing.js';
import { encodePicture } from '../../operators/preview-picture.js';
import { encodeRle } from '../../operators/rle.js';
import type { Catalog } from '../../store/catalog.js';
import { type At, type ImageInHand, outdated } from './image-in-hand.js';
import { measuresOf } from './measures-of.js';
import type { PreviewAllowance } from './preview-allowance.js';
import type { ServedModel } from './served-model.js';

/**
 * The mask of an image and its run lengths: its probabilities are brought to the original's grid and
 * thresholded there, never the other way round, so that no edge is coarser than it has to be.
 */
export function drawMask(
  { samples }: Pick<Catalog, 'samples'>,
  model: ServedModel,
  size: GridSize,
  previews: PreviewAllowance | undefined,
): OperatorFunction<ImageInHand, ImageInHand> {
  return map((image): ImageInHand => {
    if (image.at !== 'predicted') return image;
    if (!samples.holds(image.sample)) return outdated(image);
    const { sample, reason, servedBy, pixels, probabilities, presence } = image;
    const maskOn = (grid: GridSize) =>
      postProcess(probabilities, size, grid, model.postProcessing, presence);
    const original = { height: pixels.originalHeight, width: pixels.originalWidth };
    const drawn = maskOn(original);
    const small = { mask: maskOn(size).mask, size };
    const picture = previews?.take() ? encodePicture(size, pixels.pixels, small.mask) : null;
    const measures = measuresOf(image, model, { mask: drawn.mask, size: original }, small);
    const row = { ...rowOf(image, model, original, drawn), measures };
    return { sample, reason, servedBy, at: 'drawn', row, mask: drawn.mask, picture };
  });
}

function rowOf(
  { sample }: At<'predicted'>,
  { modelId, postProcessing }: ServedModel,
  original: GridSize,
  { mask, pixels }: { readonly mask: Uint8Array; readonly pixels: number },
) {
  const { id, imageSha, preprocessing, fingerprint } = sample;
  return {
    id,
    fingerprint: predictionFingerprint({ sample: fingerprint, modelId, postProcessing }),
    imageSha,
    preprocessing,
    modelId,
    postprocessing: postProcessingKey(postProcessing),
    height: original.height,
    width: original.width,
    rle: encodeRle(mask, original),
    pixels,
    predictedAt: Date.now(),
  };
}
