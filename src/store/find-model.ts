import { fail, ok, type Result } from '../operators/result.js';
import { modelFolderName, modelFolders, modelIdOf } from './model-folder.js';

/**
 * The folder's name of the model that somebody means: by its id, by how no other id begins, or by that
 * very name. The failure names those there are, or those that begin so.
 */
export async function findModel(
  modelsFolder: string,
  asked: string,
): Promise<Result<string, 'MODEL_NOT_FOUND'>> {
  const names = await modelFolders(modelsFolder);
  const exact = names.find((name) => name === asked || name === modelFolderName(asked));
  if (exact !== undefined) return ok(exact);
  const beginning = asked === '' ? [] : names.filter((name) => isBeginning(asked, name));
  if (beginning.length === 1) return ok(beginning[0]!);
  return beginning.length > 1
    ? fail(
        'MODEL_NOT_FOUND',
        `"${asked}" is the beginning of ${beginning.length} models' ids: ${listed(beginning)}.`,
      )
    : fail('MODEL_NOT_FOUND', `"${asked}" is the id of no model; there are: ${listed(names)}.`);
}

function isBeginning(asked: string, name: string): boolean {
  return name.startsWith(modelFolderName(asked));
}

function listed(names: readonly string[]): string {
  return names.map(modelIdOf).sort().join(', ') || 'none';
}
