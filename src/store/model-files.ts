import { z } from 'zod';
import type { ModelFiles } from '../model/serialise.js';
import { parseJson, type Read } from './whole-folder.js';

export const weightsFile = 'weights.bin';
export const topologyFile = 'model.json';

const weightSpecSchema = z.looseObject({
  name: z.string(),
  shape: z.array(z.number()),
  dtype: z.literal('float32'),
});

const modelJsonSchema = z.looseObject({
  format: z.literal('layers-model'),
  modelTopology: z.looseObject({}),
  weightsManifest: z.tuple([
    z.looseObject({ paths: z.array(z.string()), weights: z.array(weightSpecSchema) }),
  ]),
});

/**
 * model.json: any TensorFlow.js reads it, e.g. `tf.loadLayersModel` in a browser.
 *
 * @param weightsPath of the weights, beside it
 */
export function modelJson(
  { topology, weightSpecs }: ModelFiles,
  weightsPath = weightsFile,
): string {
  return JSON.stringify({
    format: 'layers-model',
    generatedBy: 'nerveflow',
    convertedBy: null,
    modelTopology: topology,
    weightsManifest: [{ paths: [`./${weightsPath}`], weights: weightSpecs }],
  });
}

export function parseModelFiles(path: string, json: Buffer, weights: Uint8Array): Read<ModelFiles> {
  const read = parseJson(path, json.toString(), modelJsonSchema);
  if (read.status !== 'found') return read;
  const weightSpecs = read.value.weightsManifest[0].weights;
  const parameters = weightSpecs.reduce(
    (total, { shape }) => total + shape.reduce((size, length) => size * length, 1),
    0,
  );
  if (parameters * 4 !== weights.byteLength) {
    return {
      status: 'damaged',
      path,
      message: `${weights.byteLength} bytes of weights for ${parameters} parameters`,
    };
  }
  return {
    status: 'found',
    value: { topology: read.value.modelTopology, weightSpecs, weights },
  };
}
