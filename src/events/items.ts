export type Split = 'train' | 'test';

/** Where on its way an item was when something happened to it. */
export type Stage =
  | 'watch'
  | 'settle'
  | 'decode'
  | 'resize'
  | 'pair'
  | 'cache'
  | 'train'
  | 'predict'
  | 'mask'
  | 'submission'
  | 'measurements'
  /** True rows that a submission is scored against. */
  | 'truth';

export type IngestReason = 'new' | 'changed' | 'mask-changed' | 'settings-changed' | 'cached';

export type PredictReason = 'new' | 'changed' | 'model-changed' | 'settings-changed' | 'requested';

export type ItemEvent =
  | {
      readonly type: 'item.ingested';
      /** Train: `S_N`. Test: `N`. */
      readonly id: string;
      readonly split: Split;
      readonly ms: number;
      readonly reason: IngestReason;
      /** What of the image's values was taken as black to white, where they are not of 8 bits. */
      readonly grey?: string;
    }
  | {
      /** A train image without its mask, or a mask without its image, so far. */
      readonly type: 'item.waiting';
      readonly id: string;
      readonly split: Split;
      readonly missing: 'image' | 'mask';
    }
  | {
      readonly type: 'item.failed';
      readonly path: string;
      readonly stage: Stage;
      /** Stable, e.g. `DECODE_FAILED`, `TOO_MANY_PIXELS`. */
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'item.removed'; readonly id: string; readonly split: Split }
  | {
      readonly type: 'item.predicted';
      readonly id: string;
      /** Foreground pixels on the original grid. */
      readonly pixels: number;
      readonly ms: number;
      readonly modelId: string;
      readonly reason: PredictReason;
    };
