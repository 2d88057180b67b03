import type { Picture, PredictReason, Stage } from '../../events.js';
import type { Failure } from '../../operators/result.js';
import type { PixelRecord, PredictionRecord, SampleRecord } from '../../store/records.js';

/** A test image without a current prediction. */
export interface StaleSample {
  readonly sample: SampleRecord;
  readonly reason: PredictReason;
  /** `servingKey` of the model that predicts it. */
  readonly servedBy: string;
}

/**
 * A test image on its way from the cache to its row: how far it has come. Each operator takes those
 * that have come to it and lets all others pass, the failed ones too: they are marked, never thrown.
 */
export type ImageInHand = StaleSample &
  (
    | { readonly at: 'stale' }
    | { readonly at: 'read'; readonly pixels: PixelRecord }
    | {
        readonly at: 'predicted';
        readonly pixels: PixelRecord;
        /** 0..1, row-major, on the network's grid. */
        readonly probabilities: Float32Array;
        readonly presence: number | undefined;
      }
    | {
        readonly at: 'drawn';
        readonly row: PredictionRecord;
        /** 0 or 1, on the original's grid. */
        readonly mask: Uint8Array;
        readonly picture: Picture | null;
      }
    | { readonly at: 'written'; readonly row: PredictionRecord; readonly picture: Picture | null }
    | { readonly at: 'done'; readonly row: PredictionRecord; readonly picture: Picture | null }
    /** The store did not take it, or has lost its pixels: to be tried again. */
    | { readonly at: 'refused'; readonly stage: Stage; readonly failure: Failure }
    /** It changed or went away: its successor is in the queue already. */
    | { readonly at: 'outdated' }
  );

export type Batch = readonly ImageInHand[];

export type At<Where extends ImageInHand['at']> = Extract<ImageInHand, { at: Where }>;

export function outdated({ sample, reason, servedBy }: StaleSample): ImageInHand {
  return { sample, reason, servedBy, at: 'outdated' };
}

export function refused(image: StaleSample, stage: Stage, failure: Failure): ImageInHand {
  const { sample, reason, servedBy } = image;
  return { sample, reason, servedBy, at: 'refused', stage, failure };
}
