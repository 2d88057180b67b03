import { ComputeFailure } from '../../compute/compute.js';
import type { MaskPrior } from '../../operators/mask-prior.js';
import type { PostProcessing } from '../../operators/post-processing.js';
import { describe, readMaskPrior } from '../../store/models.js';

/** The prior of the model in this folder; null where it has none. Rejects with `MODEL_UNREADABLE`. */
export async function maskPriorOf(folder: string): Promise<MaskPrior | null> {
  const read = await readMaskPrior(folder);
  if (read.status !== 'found') throw new ComputeFailure('MODEL_UNREADABLE', describe(read));
  return read.value;
}

/** The same, but null where these settings make no use of it: then nothing is read. */
export async function priorInUse(
  folder: string,
  { priorWeight }: Pick<PostProcessing, 'priorWeight'>,
): Promise<MaskPrior | null> {
  return priorWeight === 0 ? null : await maskPriorOf(folder);
}
