import type { TrainReason } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import type { TrainingDecision } from './when-to-train.js';

/** What a training tells while it goes on; `ended` comes last, always. */
export type TrainingSignal =
  /** The decision is to train. */
  | { readonly type: 'started'; readonly reason: TrainReason }
  /** Can predict from now on; `isFinal` is false for the best so far of a running training. */
  | {
      readonly type: 'model';
      readonly card: ModelCard;
      readonly folder: string;
      readonly isFinal: boolean;
    }
  | { readonly type: 'ended'; readonly outcome: TrainingOutcome };

export type TrainingOutcome =
  | {
      readonly type: 'not-due';
      readonly why: Extract<TrainingDecision, { train: false }>['why'];
    }
  /** Somebody asked to stop; what is needed to go on is saved. */
  | { readonly type: 'interrupted' }
  /** Told by a `train.failed` event. `isTransient`: the same may succeed at another time. */
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly isTransient: boolean;
    }
  /** Trained to the end, whether or not it came to predict. */
  | { readonly type: 'trained'; readonly model: ModelCard; readonly isPromoted: boolean };
