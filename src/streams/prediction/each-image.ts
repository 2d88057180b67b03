import { concatMap, from, type OperatorFunction, of, toArray } from 'rxjs';
import type { Batch, ImageInHand } from './image-in-hand.js';

/** Batches whose images go through `steps` one after the other: one mask is in memory at a time. */
export function eachImage(
  steps: OperatorFunction<ImageInHand, ImageInHand>,
): OperatorFunction<Batch, Batch> {
  return concatMap((batch) =>
    from(batch).pipe(
      concatMap((image) => of(image).pipe(steps)),
      toArray(),
    ),
  );
}
