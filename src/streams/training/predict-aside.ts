import type { Compute, ImageBatch, ProbabilityBatch } from '../../compute/compute.js';

/** Predicts with the model in a folder. */
export type PredictBy = (folder: string, images: ImageBatch) => Promise<ProbabilityBatch>;

/**
 * Work that predicts with other models than the served one, which goes on serving meanwhile. Null
 * when somebody asked to stop before it was done.
 */
export async function predictAside<T>(
  compute: Pick<Compute, 'predictBy' | 'putAside'>,
  stopping: AbortSignal,
  work: (predictBy: PredictBy) => Promise<T>,
): Promise<T | null> {
  try {
    return await work((folder, images) => {
      stopping.throwIfAborted();
      return compute.predictBy(folder, images);
    });
  } catch (error) {
    if (stopping.aborted) return null;
    throw error;
  } finally {
    compute.putAside();
  }
}
