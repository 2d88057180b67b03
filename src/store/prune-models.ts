import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { modelFolders, readCard } from './model-folder.js';
import { readPointer } from './model-pointers.js';

/** Removes models that `best` has left behind: all older than its target, but the one before it. */
export async function pruneModels(
  modelsFolder: string,
  keep: readonly string[] = [],
): Promise<void> {
  const pointer = await readPointer(modelsFolder, 'best');
  if (pointer.status !== 'found') return;
  const { folder, previous } = pointer.value;
  const kept = new Set([folder, previous ?? folder, ...keep].map((path) => basename(path)));
  const bestTime = await changeTime(folder);
  for (const name of await modelFolders(modelsFolder)) {
    if (kept.has(name)) continue;
    const path = join(modelsFolder, name);
    // A newer one was saved by the running training and may become `best` next.
    if ((await changeTime(path)) <= bestTime) await rm(path, { recursive: true, force: true });
  }
}

/** Of a running training's models: somebody may be about to load one that was best a moment ago. */
const keptOfRun = 5;

/**
 * Removes a running training's older models, but what `best` needs; one is saved every time it gets
 * better, which may be every epoch.
 */
export async function pruneRun(modelsFolder: string, runId: string): Promise<void> {
  await removeOldest(modelsFolder, runId, keptOfRun);
}

/** Removes all models of a run whose last one was not better than `best`, but what `best` needs. */
export async function removeRun(modelsFolder: string, runId: string): Promise<void> {
  await removeOldest(modelsFolder, runId, 0);
}

async function removeOldest(modelsFolder: string, runId: string, kept: number): Promise<void> {
  const pointer = await readPointer(modelsFolder, 'best');
  const pointed = pointer.status === 'found' ? Object.values(pointer.value) : [];
  const ofRun: { path: string; epoch: number }[] = [];
  for (const name of await modelFolders(modelsFolder)) {
    const path = join(modelsFolder, name);
    const card = await readCard(path);
    if (card.status === 'found' && card.value.runId === runId) {
      ofRun.push({ path, epoch: card.value.epoch });
    }
  }
  ofRun.sort((a, b) => b.epoch - a.epoch);
  for (const { path } of ofRun.slice(kept)) {
    if (!pointed.includes(path)) await rm(path, { recursive: true, force: true });
  }
}

async function changeTime(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
