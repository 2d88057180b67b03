import type { ModelCard } from '../../../model/card.js';
import type { StepResult } from '../../../model/training-step.js';
import type { TrainingPosition } from '../../../store/checkpoints.js';
import { ComputeFailure, type TrainingRun } from '../../compute.js';
import type { ValidationResult } from './validation.js';

/** Where a training that has done nothing yet stands. */
export function firstPosition(run: TrainingRun): TrainingPosition {
  return { ...settingsOf(run), ...epochStart(1), best: null, elapsedMs: 0, optimizerSteps: 0 };
}

/**
 * Where a training goes on. With other data than before there is no such step in the new epoch's
 * order: it starts that epoch again, with the weights and the optimizer it has; what was best on the
 * old data is no measure for the new.
 */
export function continuedPosition(before: TrainingPosition, run: TrainingRun): TrainingPosition {
  const sameData = before.dataFingerprint === run.dataFingerprint;
  return {
    ...before,
    ...settingsOf(run),
    ...(sameData ? {} : { ...epochStart(before.epoch), best: null }),
  };
}

/** After one more step of so many images. */
export function afterStep(
  position: TrainingPosition,
  images: number,
  { loss, dice }: StepResult,
): TrainingPosition {
  const { step, sums } = position;
  return {
    ...position,
    step: step + 1,
    sums: {
      loss: sums.loss + loss * images,
      dice: sums.dice + dice * images,
      images: sums.images + images,
    },
  };
}

/** At the start of the next epoch. */
export function afterEpoch(
  position: TrainingPosition,
  best: TrainingPosition['best'],
): TrainingPosition {
  return { ...position, ...epochStart(position.epoch + 1), best };
}

/** Whether there is an epoch to do: not after the last one, nor where the last ones brought nothing. */
export function goesOn(
  { epoch, best }: TrainingPosition,
  { epochs, recipe: { patience } }: TrainingRun,
): boolean {
  const gainsNoMore = patience !== null && best !== null && epoch - 1 - best.epoch >= patience;
  return epoch <= epochs && !gainsNoMore;
}

/** Of an epoch whose steps are done. Throws `LOSS_NOT_FINITE` where there were none. */
export function metricsOf(
  { epoch, sums }: TrainingPosition,
  validation: ValidationResult | null,
): ModelCard['metrics'] & { readonly loss: number; readonly trainDice: number } {
  if (sums.images === 0) {
    throw new ComputeFailure('LOSS_NOT_FINITE', `epoch ${epoch} brought no image`);
  }
  return {
    loss: sums.loss / sums.images,
    trainDice: sums.dice / sums.images,
    validationDice: validation?.dice ?? null,
    validationImageDice: validation?.imageDice ?? null,
  };
}

function settingsOf(run: TrainingRun) {
  return {
    format: 1 as const,
    runId: run.runId,
    recipe: run.recipe,
    size: run.size,
    batchSize: run.batchSize,
    epochs: run.epochs,
    seed: run.seed,
    normalisation: run.normalisation,
    dataFingerprint: run.dataFingerprint,
    startedFrom: run.startFrom?.modelId ?? null,
    trainedSubjects: [...(run.fold.trainedSubjects ?? [])],
    pairs: run.pairs,
    validationPairs: run.validationPairs,
  };
}

function epochStart(epoch: number) {
  return { epoch, step: 0, sums: { loss: 0, dice: 0, images: 0 } };
}
