import { memory, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromModelFiles, toModelFiles } from '../../src/model/serialise.js';
import { buildUNet } from '../../src/model/unet.js';
import { modelJson } from '../../src/store/model-files.js';
import { useCpuBackend } from '../support/cpu-backend.js';

const size = { height: 16, width: 16 };

function built() {
  const result = buildUNet({ size, filters: 1, initializer: 'glorotUniform', seed: 2 });
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

const images = () =>
  tensor(
    Float32Array.from({ length: 256 }, (_, at) => Math.cos(at)),
    [1, 16, 16, 1],
  );

beforeAll(useCpuBackend);

describe('a network written to files', () => {
  it('predicts the same, bit for bit, when read back', async () => {
    const unet = built();
    const again = await fromModelFiles(await toModelFiles(unet));
    const [before, after] = [unet, again].map((each) =>
      (each.apply(images()) as Tensor).dataSync(),
    );
    expect(after).toEqual(before);
  });

  it('survives being written and read twice', async () => {
    const files = await toModelFiles(built());
    const again = await toModelFiles(await fromModelFiles(files));
    expect(again.weights).toEqual(files.weights);
    expect(again.weightSpecs).toEqual(files.weightSpecs);
  });

  it('holds a copy: training on does not change it', async () => {
    const unet = built();
    const files = await toModelFiles(unet);
    const before = Uint8Array.from(files.weights);
    // On this backend dataSync is the memory itself: as a native Adam would, this writes in place.
    for (const weight of unet.getWeights()) weight.dataSync().fill(7);
    expect(files.weights).toEqual(before);
  });

  it('is read by any TensorFlow.js', async () => {
    const unet = built();
    const files = await toModelFiles(unet);
    const { modelTopology, weightsManifest, format } = JSON.parse(modelJson(files));
    const plain = await loadLayersModel({
      load: async () => ({
        format,
        modelTopology,
        weightSpecs: weightsManifest[0].weights,
        weightData: files.weights.slice().buffer as ArrayBuffer,
      }),
    });
    const theirs = (plain.apply(images()) as Tensor).dataSync();
    expect(theirs).toEqual((unet.apply(images()) as Tensor).dataSync());
  });

  it('leaves nothing on the device once both are disposed of', async () => {
    const before = memory().numTensors;
    const unet = built();
    const again = await fromModelFiles(await toModelFiles(unet));
    for (const each of [unet, again]) each.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
