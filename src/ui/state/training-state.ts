import type { TrainReason } from '../../events.js';
import { emptySeries, type Series } from './series.js';
import { noRate, type Rate } from './smoothed-rate.js';

/** The training of this moment, or the last one. */
export interface TrainingState {
  readonly status: 'none' | 'running' | 'done' | 'interrupted' | 'failed';
  readonly recipe: string;
  readonly reason: TrainReason;
  readonly pairs: number;
  readonly validationPairs: number;
  readonly subjects: number;
  /** Pairs that it leaves out because others contradict them. */
  readonly leftOut: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly stepRate: Rate;
  readonly loss: number | null;
  /** Soft Dice of the newest batch. */
  readonly batchDice: number | null;
  readonly learningRate: number | null;
  readonly imagesPerSecond: number | null;
  /** Of the last whole epoch. */
  readonly trainDice: number | null;
  readonly validationDice: number | null;
  readonly validationImageDice: number | null;
  /** Image Dice of answering "empty" throughout. */
  readonly emptyShare: number | null;
  readonly best: number | null;
  readonly bestEpoch: number | null;
  /** Image Dice of the best epoch: what Kaggle would say of the model that predicts. */
  readonly bestImageDice: number | null;
  readonly epochMs: number | null;
  readonly startedAt: number;
  readonly epochStartedAt: number;
  readonly endedAt: number | null;
  readonly curves: Curves;
  /** When they last kept a step; 0 before. */
  readonly keptStepAt: number;
  /** Of the trainings before, the last one last. */
  readonly earlier: readonly Curves[];
  /** Trainings that reached their end since start. */
  readonly finished: number;
  readonly modelId: string | null;
  /** Why it failed, or where it stopped. */
  readonly message: string;
}

/** x is the epoch, 0 at the start of the first one. */
export interface Curves {
  readonly loss: Series;
  readonly trainDice: Series;
  readonly validationDice: Series;
  readonly validationImageDice: Series;
}

const noCurves: Curves = {
  loss: emptySeries,
  trainDice: emptySeries,
  validationDice: emptySeries,
  validationImageDice: emptySeries,
};

export const noTraining: TrainingState = {
  status: 'none',
  recipe: '',
  reason: 'no-model',
  pairs: 0,
  validationPairs: 0,
  subjects: 0,
  leftOut: 0,
  epoch: 0,
  epochs: 0,
  step: 0,
  steps: 0,
  stepRate: noRate,
  loss: null,
  batchDice: null,
  learningRate: null,
  imagesPerSecond: null,
  trainDice: null,
  validationDice: null,
  validationImageDice: null,
  emptyShare: null,
  best: null,
  bestEpoch: null,
  bestImageDice: null,
  epochMs: null,
  startedAt: 0,
  epochStartedAt: 0,
  endedAt: null,
  curves: noCurves,
  keptStepAt: 0,
  earlier: [],
  finished: 0,
  modelId: null,
  message: '',
};
