import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { keptModels } from './kept-models.js';
import { modelFolders, readCard } from './model-folder.js';
import { readPointer } from './model-pointers.js';
import { removeWhole } from './whole-folder.js';

/** Removes models that `best` has left behind: all older than its target, but the one before it and those that are kept. */
export async function pruneModels(
  modelsFolder: string,
  needed: readonly string[] = [],
): Promise<void> {
  const pointer = await readPointer(modelsFolder, 'best');
  if (pointer.status !== 'found') return;
  const { folder, previous } = pointer.value;
  const spared = new Set([folder, previous ?? folder, ...needed].map((path) => basename(path)));
  const bestTime = await changeTime(folder);
  for (const name of await modelFolders(modelsFolder)) {
    if (spared.has(name)) continue;
    // A newer one was saved by the running training and may become `best` next.
    const isOlder = (await changeTime(join(modelsFolder, name))) <= bestTime;
    if (isOlder) await removeModel(modelsFolder, name);
  }
}

/** Of a running training's models: somebody may be about to load one that was best a moment ago. */
const sparedOfRun = 5;

/**
 * Removes a running training's older models, but what `best` needs and what is kept; one is saved every
 * time it gets better, which may be every epoch.
 */
export async function pruneRun(modelsFolder: string, runId: string): Promise<void> {
  await removeOldest(modelsFolder, runId, sparedOfRun);
}

/** Removes all models of a run whose last one was not better than `best`, but what `best` needs and what is kept. */
export async function removeRun(modelsFolder: string, runId: string): Promise<void> {
  await removeOldest(modelsFolder, runId, 0);
}

/**
 * Frees the disk of one model, unless it is kept or `best` points to it: both may have come about since
 * the caller looked.
 *
 * @returns whether it is gone
 */
export async function removeModel(modelsFolder: string, name: string): Promise<boolean> {
  const isWanted = async () => {
    const best = await readPointer(modelsFolder, 'best');
    const isBest = best.status === 'found' && basename(best.value.folder) === name;
    return isBest || (await keptModels(modelsFolder)).has(name);
  };
  if (await isWanted()) return false;
  return await removeWhole(join(modelsFolder, name), isWanted);
}

async function removeOldest(modelsFolder: string, runId: string, spared: number): Promise<void> {
  const pointer = await readPointer(modelsFolder, 'best');
  const pointed = pointer.status === 'found' ? Object.values(pointer.value) : [];
  const ofRun: { name: string; epoch: number }[] = [];
  for (const name of await modelFolders(modelsFolder)) {
    const card = await readCard(join(modelsFolder, name));
    if (card.status === 'found' && card.value.runId === runId) {
      ofRun.push({ name, epoch: card.value.epoch });
    }
  }
  ofRun.sort((a, b) => b.epoch - a.epoch);
  for (const { name } of ofRun.slice(spared)) {
    if (!pointed.includes(join(modelsFolder, name))) await removeModel(modelsFolder, name);
  }
}

async function changeTime(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
