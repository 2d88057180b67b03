import { join } from 'node:path';
import { z } from 'zod';
import { postProcessingSchema } from '../model/card.js';
import { parseJson, type Read, readWhole, writeWhole } from './whole-folder.js';

const folderName = 'held-out';
const recordFile = 'fold.json';
const probabilitiesFile = 'probabilities.bin';
const presenceFile = 'presence.bin';

const recordSchema = z.object({
  format: z.literal(1),
  /** Base name of the model's folder, beside this one. */
  modelFolder: z.string(),
  /** Of the held-out samples, in the order of their probabilities. */
  ids: z.array(z.string()),
  /** Tuned on the fold's own validation subjects. */
  postProcessing: postProcessingSchema,
  /** As a model's card has it; 1 where it was not calibrated. */
  temperature: z.number().optional(),
  /** Of what tuned it; another version tunes anew. */
  tuningVersion: z.number(),
  /** Mean image Dice on them; null where they were too few. */
  tuning: z.object({ images: z.number(), before: z.number(), after: z.number() }).nullable(),
  bestEpoch: z.number(),
  trainedMs: z.number(),
});

export type HeldOutRecord = z.infer<typeof recordSchema>;

/** What a fold's model makes of the images that it has not seen: a finished fold. */
export interface HeldOut {
  readonly record: HeldOutRecord;
  /** [ids, height, width] on the network's grid. */
  readonly probabilities: Float32Array;
  /** Of each image, where the model tells. */
  readonly presence: Float32Array | null;
}

/** Rejects with the file system's error, leaving nothing behind. */
export async function writeHeldOut(
  foldFolder: string,
  { record, probabilities, presence }: HeldOut,
): Promise<void> {
  await writeWhole(join(foldFolder, folderName), {
    [recordFile]: `${JSON.stringify(record, null, 2)}\n`,
    [probabilitiesFile]: bytesOf(probabilities),
    [presenceFile]: bytesOf(presence ?? new Float32Array()),
  });
}

export async function readHeldOut(foldFolder: string): Promise<Read<HeldOut>> {
  const folder = join(foldFolder, folderName);
  const content = await readWhole(folder, [recordFile, probabilitiesFile, presenceFile]);
  if (content.status !== 'found') return content;
  const record = parseJson(
    join(folder, recordFile),
    content.value[recordFile].toString(),
    recordSchema,
  );
  if (record.status !== 'found') return record;
  const presence = floatsOf(content.value[presenceFile]);
  return {
    status: 'found',
    value: {
      record: record.value,
      probabilities: floatsOf(content.value[probabilitiesFile]),
      presence: presence.length === 0 ? null : presence,
    },
  };
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A file's bytes may lie anywhere in a pool. */
function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
