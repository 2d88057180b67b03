import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, replaceFile } from './whole-folder.js';

const rejectedSchema = z.object({
  runId: z.string(),
  recipe: z.string(),
  size: z.object({ height: z.number(), width: z.number() }),
  dataFingerprint: z.string(),
});

/** A training done to its end whose model does not predict, as it was not better or a person left it: not to be done again. */
export type RejectedModel = z.infer<typeof rejectedSchema>;

/** The last one. Null where there is none, or it cannot be read: at worst it is trained once more. */
export async function readRejected(modelsFolder: string): Promise<RejectedModel | null> {
  for (const path of [rejectedPath(modelsFolder), earlierPath(modelsFolder)]) {
    const read = await readJson(path, rejectedSchema);
    if (read.status !== 'missing') return read.status === 'found' ? read.value : null;
  }
  return null;
}

export async function writeRejected(modelsFolder: string, model: RejectedModel): Promise<void> {
  const { runId, recipe, size, dataFingerprint } = model;
  const content = JSON.stringify({ runId, recipe, size, dataFingerprint });
  await replaceFile(rejectedPath(modelsFolder), `${content}\n`);
  await rm(earlierPath(modelsFolder), { force: true });
}

function rejectedPath(modelsFolder: string): string {
  return join(modelsFolder, 'rejected.json');
}

/** As earlier versions named it. */
function earlierPath(modelsFolder: string): string {
  return join(modelsFolder, 'tried.json');
}
