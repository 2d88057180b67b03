import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, replaceFile } from './whole-folder.js';

const planFile = 'plan.json';
const planSchema = z.object({ format: z.literal(1), fingerprint: z.string(), runId: z.string() });

/** Where the models of a vote are trained, one after the other; gone when it is done. */
export function voteFolder(modelsFolder: string): string {
  return join(modelsFolder, 'vote');
}

/**
 * The run that an interrupted vote goes on as, or a new one of this id where there is none or it was
 * of other data or settings: what is left of that one goes.
 *
 * @param fingerprint of data and settings
 */
export async function beginVote(
  modelsFolder: string,
  fingerprint: string,
  newRunId: string,
): Promise<{ readonly runId: string; readonly isResumed: boolean }> {
  const folder = voteFolder(modelsFolder);
  const path = join(folder, planFile);
  const standing = await readJson(path, planSchema);
  if (standing.status === 'found' && standing.value.fingerprint === fingerprint) {
    return { runId: standing.value.runId, isResumed: true };
  }
  await endVote(modelsFolder);
  await mkdir(folder, { recursive: true });
  await replaceFile(path, `${JSON.stringify({ format: 1, fingerprint, runId: newRunId })}\n`);
  return { runId: newRunId, isResumed: false };
}

/** The run of a vote that was interrupted, if any. */
export async function interruptedVote(modelsFolder: string): Promise<string | null> {
  const plan = await readJson(join(voteFolder(modelsFolder), planFile), planSchema);
  return plan.status === 'found' ? plan.value.runId : null;
}

export async function endVote(modelsFolder: string): Promise<void> {
  await rm(voteFolder(modelsFolder), { recursive: true, force: true });
}
