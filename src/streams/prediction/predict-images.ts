import { concatMap, type OperatorFunction } from 'rxjs';
import type { Compute } from '../../compute/compute.js';
import { packImages } from '../../operators/batch.js';
import type { GridSize } from '../../operators/image.js';
import type { At, Batch, ImageInHand } from './image-in-hand.js';

/** Probabilities of a batch, by the served model. Errors as `Compute.predict` does. */
export function predictImages(
  compute: Pick<Compute, 'predict'>,
  { height, width }: GridSize,
): OperatorFunction<Batch, Batch> {
  return concatMap(async (batch) => {
    const read = batch.filter((image): image is At<'read'> => image.at === 'read');
    if (read.length === 0) return batch;
    const { probabilities, presence } = await compute.predict(
      packImages(read.map(({ pixels }) => pixels.pixels)),
    );
    const area = height * width;
    const mapOf = (index: number) => probabilities.subarray(index * area, (index + 1) * area);
    const predicted = new Map<ImageInHand, ImageInHand>(
      read.map((image, index) => [
        image,
        {
          ...image,
          at: 'predicted',
          probabilities: mapOf(index),
          presence: presence?.[index],
        },
      ]),
    );
    return batch.map((image) => predicted.get(image) ?? image);
  });
}
