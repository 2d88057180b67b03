import type { EventOf, TrainCleanedEvent, TrainEvent } from '../../events.js';
import { addPoint, keepShown, pointsOf, showPoint } from './series.js';
import { countItems } from './smoothed-rate.js';
import { type Curves, noTraining, type TrainingState } from './training-state.js';

/** Of steps closer than this together a curve keeps only one; the newest is seen all the same. */
const stepEveryMs = 200;

export function foldTraining(
  training: TrainingState,
  event: TrainEvent | TrainCleanedEvent,
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
