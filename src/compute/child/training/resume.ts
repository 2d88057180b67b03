import type { Recipe } from '../../../model/recipe.js';
import type { GridSize } from '../../../operators/image.js';
import { type Checkpoint, readCheckpoint } from '../../../store/checkpoints.js';
import { readPointer } from '../../../store/model-pointers.js';
import { describe } from '../../../store/whole-folder.js';
import { ComputeFailure, type TrainingRun } from '../../compute.js';

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
