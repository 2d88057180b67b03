import { join } from 'node:path';
import type { ModelCard } from '../model/card.js';
import { fail, ok, type Result } from '../operators/result.js';
import { type EnsembleMember, readMembers } from '../store/ensemble-folder.js';
import { describe } from '../store/whole-folder.js';
import type { ModelFormat } from './export-format.js';

/** A model with all that a format needs of it. */
export interface ModelToExport {
  readonly card: ModelCard;
  /** Its folder under store/models. */
  readonly folder: string;
  /** One, or those of an ensemble. */
  readonly members: readonly EnsembleMember[];
}

/**
 * Writes a model into an empty folder; gives in words each step between image and mask that the format
 * does not hold. Rejects with the file system's error.
 */
type WriteModel = (model: ModelToExport, folder: string) => Promise<Result<readonly string[]>>;

/** A format of the current model, its checksums verified. */
export function modelFormat(name: ModelFormat['name'], writeModel: WriteModel): ModelFormat {
  return {
    name,
    of: 'model',
    async write({ model }, folder) {
      if (model === null) return fail('NO_MODEL', 'there is no model');
      const read = await readMembers(model.folder);
      if (read.status !== 'found') return fail('MODEL_UNREADABLE', describe(read));
      const steps = await writeModel({ ...model, members: read.value.members }, folder);
      if (!steps.ok) return steps;
      const examples = steps.value;
      const reason = 'steps between image and mask, left to whoever uses the model';
      const leftOut = [{ code: 'NOT_IN_THE_MODEL', reason, count: examples.length, examples }];
      return ok({ images: 0, leftOut: examples.length === 0 ? [] : leftOut });
    },
  };
}

/** `name.ending`, or of several members `name-1.ending` and so on. */
export function memberPaths(
  folder: string,
  name: string,
  ending: string,
  members: readonly unknown[],
): string[] {
  if (members.length === 1) return [join(folder, `${name}.${ending}`)];
  return members.map((_, index) => join(folder, `${name}-${index + 1}.${ending}`));
}
