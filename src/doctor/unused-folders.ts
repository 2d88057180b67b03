import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { plural } from '../ui/format.js';
import { findingOf, firstOf, type MendableFinding } from './finding.js';

/** Folders of models/ that only take up room; none where there are no names. */
export function unusedFolders(
  code: 'MODEL_UNUSED' | 'CHECKPOINT_UNUSED',
  folder: string,
  names: readonly string[],
  what: string,
): MendableFinding[] {
  const pointsTo = 'that nothing points to';
  const words = plural(names.length, `${what} ${pointsTo}`, `${what}s ${pointsTo}`);
  return findingOf(names, {
    code,
    level: 'leftover',
    message: `models/ holds ${words}: ${firstOf(names)}`,
    async mend() {
      for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
    },
  });
}
