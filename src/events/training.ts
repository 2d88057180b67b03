export type TrainReason =
  | 'no-model'
  | 'data-changed'
  | 'settings-changed'
  | 'requested'
  | 'resumed';

/**
 * Two different Dice figures, never confused:
 * - `...Dice` is the tutorial's: soft, smooth = 1, over the flattened batch, averaged over batches;
 * - `...ImageDice` is Kaggle's: per image, thresholded, empty against empty is 1, averaged over images.
 */
export type TrainEvent =
  | {
      readonly type: 'train.started';
      readonly runId: string;
      readonly pairs: number;
      readonly validationPairs: number;
      readonly subjects: number;
      readonly recipe: string;
      readonly epochs: number;
      readonly reason: TrainReason;
      /** The model that it goes on from; left out when it begins anew. */
      readonly startedFrom?: string;
    }
  | {
      readonly type: 'train.step';
      readonly epoch: number;
      readonly epochs: number;
      /** 1-based, within the epoch. */
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly batchDice: number;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
    }
  | {
      readonly type: 'train.epoch';
      /** 1-based. */
      readonly epoch: number;
      readonly epochs: number;
      readonly loss: number;
      readonly trainDice: number;
      /** null when there is no validation subject. */
      readonly validationDice: number | null;
      readonly validationImageDice: number | null;
      /**
       * Share of validation masks that are empty: the image Dice of an answer that is always
       * empty. Left out where nothing validates.
       */
      readonly validationEmptyShare?: number;
      /** Best validation Dice of this run so far (train Dice where nothing validates). */
      readonly best: number;
      readonly isBest: boolean;
      readonly imagesPerSecond: number;
      readonly ms: number;
    }
  | {
      readonly type: 'train.done';
      readonly modelId: string;
      readonly best: number;
      readonly bestEpoch: number;
      readonly ms: number;
    }
  | {
      /** Stopped before its end; what it needs to go on is saved when `resumable`. */
      readonly type: 'train.interrupted';
      readonly epoch: number;
      readonly step: number;
      readonly resumable: boolean;
    }
  | {
      readonly type: 'train.failed';
      readonly code: string;
      readonly message: string;
    };

/**
 * Which training pairs a run leaves out, before its first step: their masks contradict those of
 * near-identical images of the same subject. Only where there are any.
 */
export interface TrainCleanedEvent {
  readonly type: 'train.cleaned';
  readonly runId: string;
  /** Training pairs before; validation pairs are never looked at. */
  readonly pairs: number;
  readonly leftOut: number;
  readonly reasons: Readonly<Record<LeftOutReason, number>>;
  readonly ids: readonly string[];
}

/** Why a pair is not trained on; near-identical images of its subject say otherwise. */
export type LeftOutReason =
  /** Its mask is empty, theirs have an outline. */
  | 'empty-against-outlined'
  /** Its mask has an outline, far more of theirs are empty. */
  | 'outlined-against-empty'
  /** Its outline lies elsewhere than theirs. */
  | 'outline-elsewhere';
