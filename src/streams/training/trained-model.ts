import type { ModelCard } from '../../model/card.js';
import type { ValidatedModel } from './tune-on.js';

/** What a training came to, be it one model or several whose mean predicts. */
export interface TrainedModel {
  readonly card: ModelCard;
  readonly folder: string;
  /** The figure that its best epoch was chosen by. */
  readonly best: number;
  readonly bestEpoch: number;
  /** 0 where an earlier run did it. */
  readonly trainedMs: number;
  /** The models that were trained, each with the samples that it has not learnt from. */
  readonly validated: readonly ValidatedModel[];
}

/** The figure that the best epoch of a model is chosen by. */
export function bestOf({ metrics }: Pick<ModelCard, 'metrics'>): number {
  return metrics.validationDice ?? metrics.trainDice;
}
