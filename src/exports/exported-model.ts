import { join } from 'node:path';
import type { ModelCard } from '../model/card.js';
import type { Result } from '../operators/result.js';
import type { EnsembleMember } from '../store/ensemble-folder.js';

/** A model with all that a format needs of it. */
export interface ModelToExport {
  readonly card: ModelCard;
  /** Its folder under store/models. */
  readonly folder: string;
  /** One, or those of an ensemble. */
  readonly members: readonly EnsembleMember[];
}

/**
 * Writes a model into an empty folder; gives in sentences what the format could not take along. Rejects
 * with the file system's error.
 */
export type WriteModel = (
  model: ModelToExport,
  folder: string,
) => Promise<Result<readonly string[]>>;

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
