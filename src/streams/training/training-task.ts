import type { TrainReason } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import type { Resumable } from '../../store/checkpoints.js';
import type { CleanedSamples } from './clean-labels.js';
import type { TrainingSplit } from './training-split.js';

/** With the recipe and the settings, all that decides what one model becomes. */
export interface TrainingTask {
  /** Of one that begins; what goes on from a checkpoint keeps its own. */
  readonly runId: string;
  readonly reason: TrainReason;
  readonly seed: number;
  /** Before cleaning. */
  readonly split: TrainingSplit;
  /** What cleaning made of the training side. */
  readonly cleaned: CleanedSamples;
  readonly fold: { readonly index: number; readonly count: number };
  readonly beginning: Beginning;
  /** Where its checkpoints and its models are kept. */
  readonly folder: string;
}

export type Beginning =
  | { readonly type: 'checkpoint'; readonly checkpoint: Resumable }
  /** With this model's weights, for so many epochs. */
  | { readonly type: 'model'; readonly model: ModelCard; readonly epochs: number }
  /** `why` is for people, where it is news. */
  | { readonly type: 'anew'; readonly why: string | null };
