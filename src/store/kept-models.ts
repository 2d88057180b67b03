import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './whole-folder.js';

/**
 * Names of the model folders that a person wants to keep: none of them is pruned. An empty file each,
 * beside the models: a training that writes one of them once more does not lose it.
 *
 * Rejects when it cannot be told: then nothing may be pruned.
 */
export async function keptModels(modelsFolder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(keptFolder(modelsFolder)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
    throw error;
  }
}

/** Survives a power cut once it resolves. */
export async function keepModel(modelsFolder: string, name: string): Promise<void> {
  await mkdir(keptFolder(modelsFolder), { recursive: true });
  await replaceFile(join(keptFolder(modelsFolder), name), '');
}

export async function unkeepModel(modelsFolder: string, name: string): Promise<void> {
  await rm(join(keptFolder(modelsFolder), name), { force: true });
}

function keptFolder(modelsFolder: string): string {
  return join(modelsFolder, 'kept');
}
