import type { EventOf, PipelineEvent, TrainReason } from '../../events.js';
import { addPoint, emptySeries, keepShown, pointsOf, type Series, showPoint } from './series.js';
import { countItems, noRate, type Rate } from './smoothed-rate.js';

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

type TrainEvent = Extract<PipelineEvent, { type: `train.${string}` }>;

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

/** Of steps closer than this together a curve keeps only one; the newest is seen all the same. */
const stepEveryMs = 200;

export function foldTraining(
  training: TrainingState,
  event: TrainEvent,
  nowMs: number,
): TrainingState {
  switch (event.type) {
    case 'train.started':
      return {
        ...noTraining,
        finished: training.finished,
        modelId: training.modelId,
        earlier: earlierOf(training),
        status: 'running',
        recipe: event.recipe,
        reason: event.reason,
        pairs: event.pairs,
        validationPairs: event.validationPairs,
        subjects: event.subjects,
        epochs: event.epochs,
        startedAt: nowMs,
        epochStartedAt: nowMs,
      };
    case 'train.cleaned':
      return { ...training, leftOut: event.leftOut };
    case 'train.step': {
      const x = event.epoch - 1 + event.step / Math.max(1, event.steps);
      // A clock that was set back must not hold steps for ever.
      const isKept = Math.abs(nowMs - training.keptStepAt) >= stepEveryMs;
      const add = isKept ? addPoint : showPoint;
      return {
        ...training,
        status: 'running',
        epoch: event.epoch,
        epochs: event.epochs,
        epochStartedAt: event.epoch === training.epoch ? training.epochStartedAt : nowMs,
        step: event.step,
        steps: event.steps,
        stepRate: countItems(training.stepRate, 1, nowMs),
        loss: event.loss,
        batchDice: event.batchDice,
        learningRate: event.learningRate,
        imagesPerSecond: event.imagesPerSecond,
        curves: {
          ...training.curves,
          loss: add(training.curves.loss, { x, y: event.loss }),
          trainDice: add(training.curves.trainDice, { x, y: event.batchDice }),
        },
        keptStepAt: isKept ? nowMs : training.keptStepAt,
      };
    }
    case 'train.epoch':
      return reduceEpoch(training, event, nowMs);
    case 'train.done':
      return {
        ...training,
        status: 'done',
        best: event.best,
        bestEpoch: event.bestEpoch,
        modelId: event.modelId,
        endedAt: nowMs,
        finished: training.finished + 1,
      };
    case 'train.interrupted':
      return {
        ...training,
        status: 'interrupted',
        endedAt: nowMs,
        message: event.resumable ? 'saved, it resumes' : 'nothing to resume',
      };
    case 'train.failed':
      return {
        ...training,
        status: 'failed',
        endedAt: nowMs,
        message: `${event.message} (${event.code})`,
      };
  }
}

/** More would be a thicket. */
const earlierKept = 3;

/** Without its points there is nothing to see of a training. */
function earlierOf({ curves, earlier }: TrainingState): readonly Curves[] {
  return pointsOf(curves.loss).length < 2 ? earlier : [...earlier, curves].slice(-earlierKept);
}

function reduceEpoch(
  training: TrainingState,
  event: EventOf<'train.epoch'>,
  nowMs: number,
): TrainingState {
  const x = event.epoch;
  const { curves } = training;
  // A source that reports no steps still draws a curve, one point an epoch.
  const stepped = training.epoch === event.epoch && training.step > 0;
  return {
    ...training,
    status: 'running',
    epoch: event.epoch,
    epochs: event.epochs,
    epochStartedAt: nowMs,
    step: training.steps,
    loss: event.loss,
    imagesPerSecond: event.imagesPerSecond,
    trainDice: event.trainDice,
    validationDice: event.validationDice,
    validationImageDice: event.validationImageDice,
    emptyShare: event.validationEmptyShare ?? training.emptyShare,
    best: event.best,
    bestEpoch: event.isBest ? event.epoch : training.bestEpoch,
    bestImageDice: event.isBest ? event.validationImageDice : training.bestImageDice,
    epochMs: event.ms,
    curves: {
      loss: stepped ? keepShown(curves.loss) : addPoint(curves.loss, { x, y: event.loss }),
      trainDice: stepped
        ? keepShown(curves.trainDice)
        : addPoint(curves.trainDice, { x, y: event.trainDice }),
      validationDice:
        event.validationDice === null
          ? curves.validationDice
          : addPoint(curves.validationDice, { x, y: event.validationDice }),
      validationImageDice:
        event.validationImageDice === null
          ? curves.validationImageDice
          : addPoint(curves.validationImageDice, { x, y: event.validationImageDice }),
    },
  };
}

/** Milliseconds until the end of the epoch and of the training; null while nothing is known. */
export function timeLeft(
  training: TrainingState,
  nowMs: number,
): { readonly epoch: number | null; readonly training: number | null } {
  if (training.status !== 'running' || training.steps === 0) return { epoch: null, training: null };
  const done = training.step / training.steps;
  const spent = nowMs - training.epochStartedAt;
  // The last whole epoch is the best witness (its time includes validation); within the first,
  // what the steps so far took.
  const whole = training.epochMs ?? (done > 0 ? spent / done : null);
  if (whole === null) return { epoch: null, training: null };
  const atEpochEnd = done >= 1;
  const epoch = atEpochEnd ? 0 : whole * (1 - done);
  return { epoch, training: epoch + whole * Math.max(0, training.epochs - training.epoch) };
}
