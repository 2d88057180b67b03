import type { Recipe } from '../../model/recipe.js';
import type { GridSize } from '../../operators/image.js';
import {
  type Checkpoint,
  describe,
  readCheckpoint,
  readPointer,
  type TrainingPosition,
} from '../../store/checkpoints.js';
import { ComputeFailure, type TrainingRun } from '../compute.js';

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

export interface ResumedCheckpoint {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  /** What is wrong with the one asked for, where this is the one before it. */
  readonly insteadOf: string | null;
}

/**
 * The checkpoint to go on from; the one before it where it is damaged. Rejects with a
 * `ComputeFailure` `MODEL_UNREADABLE` where neither can be read or it is another network's.
 */
export async function readResumable(run: TrainingRun, folder: string): Promise<ResumedCheckpoint> {
  const wanted = await readCheckpoint(folder);
  if (wanted.status === 'found') return fitting(run, folder, wanted.value, null);
  const pointer = await readPointer(run.modelsFolder, 'latest');
  const previous = pointer.status === 'found' ? pointer.value.previous : null;
  if (previous !== null && previous !== folder) {
    const before = await readCheckpoint(previous);
    if (before.status === 'found' && before.value.position.runId === run.runId) {
      return fitting(run, previous, before.value, describe(wanted));
    }
  }
  throw new ComputeFailure('MODEL_UNREADABLE', `cannot go on: ${describe(wanted)}`);
}

function fitting(
  run: TrainingRun,
  folder: string,
  checkpoint: Checkpoint,
  insteadOf: string | null,
): ResumedCheckpoint {
  const { size, recipe } = checkpoint.position;
  const was = networkOf(size, recipe);
  const is = networkOf(run.size, run.recipe);
  if (was === is) return { folder, checkpoint, insteadOf };
  throw new ComputeFailure('MODEL_UNREADABLE', `${folder} is of a network ${was}, not ${is}`);
}

function networkOf({ height, width }: GridSize, recipe: Recipe): string {
  const { filters, blockNormalisation, presenceWeight } = recipe;
  const normalised = blockNormalisation === 'none' ? '' : `, ${blockNormalisation} normalisation`;
  const presence = presenceWeight === 0 ? '' : ', presence';
  return `${height}x${width} with ${filters} filters${normalised}${presence}`;
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
