import { basename, join } from 'node:path';
import type { ModelCard } from '../model/card.js';
import { bytesUnder } from './bytes-under.js';
import { findResumable } from './checkpoints.js';
import { keptModels } from './kept-models.js';
import { modelFolders, modelIdOf, readCard } from './model-folder.js';
import { ModelRegistry } from './model-registry.js';
import { describe, findDamage } from './whole-folder.js';

/** A model as it lies in the store, whether or not it can be read. */
export interface StoredModel {
  readonly modelId: string;
  /** Base name of its folder. */
  readonly folder: string;
  /** null where it cannot be read. */
  readonly card: ModelCard | null;
  /** What is wrong with it; by the sizes of its files. */
  readonly damage: string | null;
  readonly bytes: number;
  readonly isCurrent: boolean;
  readonly isKept: boolean;
  /** Of a training that runs or was interrupted. */
  readonly isOfTraining: boolean;
}

/** All models, the newest first. Looks at files alone: another process may hold the store. */
export async function listModels(modelsFolder: string): Promise<StoredModel[]> {
  const current = await new ModelRegistry(modelsFolder).current();
  const currentFolder = current.status === 'found' ? basename(current.value.folder) : null;
  const kept = await keptModels(modelsFolder);
  const training = await findResumable(modelsFolder);
  const models: StoredModel[] = [];
  for (const folder of await modelFolders(modelsFolder)) {
    const path = join(modelsFolder, folder);
    const read = await readCard(path);
    const damage = read.status === 'found' ? await findDamage(path) : read;
    const bytes = await bytesUnder(path);
    // Pruned in this moment.
    if (bytes === 0) continue;
    const card = read.status === 'found' ? read.value : null;
    models.push({
      modelId: card?.modelId ?? modelIdOf(folder),
      folder,
      card,
      damage: damage === null ? null : describe(damage),
      bytes,
      isCurrent: folder === currentFolder,
      isKept: kept.has(folder),
      isOfTraining: training !== null && card?.runId === training.runId,
    });
  }
  return models.sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
}

function timeOf({ card }: StoredModel): string {
  return card?.createdAt ?? '';
}
