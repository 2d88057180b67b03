import { join } from 'node:path';
import { z } from 'zod';
import { type Read, readJson } from './whole-folder.js';

/** In a model's folder, beside its card. */
export const trainedOnFile = 'samples.json';

/** Sample id to fingerprint. */
const fingerprintsSchema = z.record(z.string(), z.string());

/** Which samples a model comes from, each with its fingerprint, so that the training can be repeated. */
export const trainedOnSchema = z.object({
  format: z.literal(1),
  training: fingerprintsSchema,
  validation: fingerprintsSchema,
  /** Training pairs that cleaning left out. */
  leftOut: z.array(
    z.object({
      id: z.string(),
      fingerprint: z.string(),
      reason: z.enum(['empty-against-outlined', 'outlined-against-empty', 'outline-elsewhere']),
      /** Id of the near-identical image that contradicts it most clearly. */
      against: z.string(),
      similarity: z.number(),
      dice: z.number(),
    }),
  ),
});

export type TrainedOn = z.infer<typeof trainedOnSchema>;

/** What the model in this folder was trained on; `missing` where an earlier version made it. */
export function readTrainedOn(modelFolder: string): Promise<Read<TrainedOn>> {
  return readJson(join(modelFolder, trainedOnFile), trainedOnSchema);
}

/** Of every sample, those that were left out included. */
export function fingerprintsIn({
  training,
  validation,
  leftOut,
}: TrainedOn): Record<string, string> {
  const left = leftOut.map(({ id, fingerprint }) => [id, fingerprint] as const);
  return { ...training, ...validation, ...Object.fromEntries(left) };
}
