import type { LabelCeiling, MeasureAgreement, UncertaintyRanking } from './agreement.js';
import type { PostProcessingSettings } from './models.js';

export type EvaluationEvent =
  | {
      readonly type: 'evaluation.started';
      readonly fingerprint: string;
      /** Where all of it is kept. */
      readonly folder: string;
      readonly recipe: string;
      readonly epochs: number;
      readonly pairs: number;
      readonly subjects: number;
      /** Rounds of a seed: the folds that hold a subject. */
      readonly folds: number;
      /** Folds into which the hash puts nobody. */
      readonly emptyFolds: readonly number[];
      readonly seeds: readonly number[];
    }
  | {
      /** At the end of an epoch, twice a minute at most. */
      readonly type: 'evaluation.progress';
      readonly seed: number;
      readonly fold: number;
      /** Share of all that has to be trained, 0..1. */
      readonly done: number;
      /** At most; null while nothing is known. */
      readonly msLeft: number | null;
    }
  | (EvaluatedFold & {
      readonly type: 'evaluation.fold';
      /** Finished by an earlier run, and kept. */
      readonly isKept: boolean;
    })
  | {
      readonly type: 'evaluation.done';
      readonly fingerprint: string;
      readonly folder: string;
      readonly recipe: string;
      readonly epochs: number;
      readonly size: string;
      readonly pairs: number;
      readonly subjects: number;
      readonly seeds: readonly number[];
      readonly model: EvaluationFigures;
      /** The same predictions at the recipe's threshold, nothing tuned, nothing cleaned. */
      readonly untuned: EvaluationFigures;
      /** Answering with the thresholded mean of the other subjects' masks. */
      readonly meanMask: EvaluationFigures;
      readonly allEmpty: EvaluationFigures;
      /** How well sizes are measured: a measure and unit each. */
      readonly measures: readonly MeasureAgreement[];
      readonly uncertainty: UncertaintyRanking;
      /** null: no two images of a subject are near-identical. */
      readonly labelCeiling: LabelCeiling | null;
      readonly folds: readonly EvaluatedFold[];
      /** Bootstrap resamples behind the intervals. */
      readonly resamples: number;
      /** Standard deviation of the folds' mean Dice. */
      readonly foldSpread: number;
      readonly seedDice: readonly { readonly seed: number; readonly dice: number }[];
      /** Lowest Dice first, averaged over the seeds. */
      readonly worst: readonly { readonly id: string; readonly dice: number }[];
      readonly json: string;
      readonly csv: string;
    }
  | {
      /** A submission against true rows; a row that is missing or malformed counts as an empty mask. */
      readonly type: 'evaluation.scored';
      readonly truth: string;
      readonly submission: string;
      /** True rows without an answer, and answers without a true row. */
      readonly missing: number;
      readonly extra: number;
      /** Lines of either file that could not be read. */
      readonly malformed: number;
      /** Intervals are bootstrapped over images: a test image does not tell its subject. */
      readonly model: EvaluationFigures;
      readonly allEmpty: EvaluationFigures;
      readonly worst: readonly { readonly id: string; readonly dice: number }[];
    };

/** A round of the cross-validation; `fold` counts from 1. */
export interface EvaluatedFold {
  readonly seed: number;
  readonly fold: number;
  /** Held out. */
  readonly subjects: readonly (number | string)[];
  readonly pairs: number;
  readonly dice: number;
  readonly postProcessing: PostProcessingSettings;
}

/**
 * Figures over images whose subject the model has not seen, on the original grid, after
 * post-processing. null where there is nothing to take a mean of.
 */
export interface EvaluationFigures {
  readonly images: number;
  /** Images with a true mask. */
  readonly positives: number;
  /** Kaggle's: mean of the images' own; empty against empty is 1. */
  readonly dice: number;
  /** 95 %, bootstrapped over subjects. */
  readonly diceInterval: { readonly low: number; readonly high: number } | null;
  /** Over images with a true mask alone. */
  readonly positiveDice: number | null;
  readonly iou: number;
  /** Of 'there is a nerve': of the images where one was found, the share that has one. */
  readonly precision: number | null;
  /** Of the images that have one, the share where one was found. */
  readonly recall: number | null;
  /** Pixels; mean over the images where there is a nerve and one was found. */
  readonly hausdorff95: number | null;
  readonly hausdorffImages: number;
}
