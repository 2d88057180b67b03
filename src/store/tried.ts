import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, replaceFile } from './whole-folder.js';

const triedSchema = z.object({
  runId: z.string(),
  recipe: z.string(),
  size: z.object({ height: z.number(), width: z.number() }),
  dataFingerprint: z.string(),
});

/** A training done to its end whose model was not better than the one before: not to be done again. */
export type TriedTraining = z.infer<typeof triedSchema>;

/** The last one. Null where there is none, or it cannot be read: at worst it is tried once more. */
export async function readTried(modelsFolder: string): Promise<TriedTraining | null> {
  const read = await readJson(triedPath(modelsFolder), triedSchema);
  return read.status === 'found' ? read.value : null;
}

export async function writeTried(modelsFolder: string, tried: TriedTraining): Promise<void> {
  await replaceFile(triedPath(modelsFolder), `${JSON.stringify(tried)}\n`);
}

export async function removeTried(modelsFolder: string): Promise<void> {
  await rm(triedPath(modelsFolder), { force: true });
}

function triedPath(modelsFolder: string): string {
  return join(modelsFolder, 'tried.json');
}
