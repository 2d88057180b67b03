import { dispose, io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { readModel } from '../../../store/model-folder.js';
import { describe } from '../../../store/whole-folder.js';
import { ComputeFailure } from '../../compute.js';

/**
 * Gives a network that was just built the weights of a saved model. Rejects with `START_UNUSABLE`
 * where that cannot be read or is another network; the new one is disposed of then.
 */
export async function takeWeightsOf(folder: string, unet: LayersModel): Promise<void> {
  const read = await readModel(folder);
  if (read.status !== 'found') {
    unet.dispose();
    throw new ComputeFailure('START_UNUSABLE', describe(read));
  }
  const { weights, weightSpecs } = read.value.files;
  const saved = io.decodeWeights(Uint8Array.from(weights).buffer, [...weightSpecs]);
  try {
    unet.loadWeights(saved);
  } catch (error) {
    unet.dispose();
    const { message } = error as Error;
    throw new ComputeFailure('START_UNUSABLE', `its weights are of another network (${message})`);
  } finally {
    dispose(saved);
  }
}
