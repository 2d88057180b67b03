import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, replaceFile } from './whole-folder.js';

const planFile = 'plan.json';
const planSchema = z.object({ format: z.literal(1), fingerprint: z.string(), runId: z.string() });

/** Where the members of an ensemble are trained, one after the other; gone when it is done. */
export function ensembleFolder(modelsFolder: string): string {
  // The name that earlier versions gave: an interrupted one goes on.
  return join(modelsFolder, 'vote');
}

/**
 * The run that an interrupted ensemble goes on as, or a new one of this id where there is none or it was
 * of other data or settings: what is left of that one goes.
 *
 * @param fingerprint of data and settings
 */
export async function beginEnsemble(
  modelsFolder: string,
  fingerprint: string,
  newRunId: string,
): Promise<string> {
  const folder = ensembleFolder(modelsFolder);
  const path = join(folder, planFile);
  const standing = await readJson(path, planSchema);
  if (standing.status === 'found' && standing.value.fingerprint === fingerprint) {
    return standing.value.runId;
  }
  await endEnsemble(modelsFolder);
  await mkdir(folder, { recursive: true });
  await replaceFile(path, `${JSON.stringify({ format: 1, fingerprint, runId: newRunId })}\n`);
  return newRunId;
}

/** The run of an ensemble that was interrupted, if any. */
export async function interruptedEnsemble(modelsFolder: string): Promise<string | null> {
  const plan = await readJson(join(ensembleFolder(modelsFolder), planFile), planSchema);
  return plan.status === 'found' ? plan.value.runId : null;
}

export async function endEnsemble(modelsFolder: string): Promise<void> {
  await rm(ensembleFolder(modelsFolder), { recursive: true, force: true });
}
