import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isUnfinishedMask } from '../store/mask-files.js';
import type { StorePaths } from '../store/store-paths.js';
import { isUnfinishedFile } from '../store/unfinished-files.js';
import { isAbandoned } from '../store/whole-folder.js';
import { plural } from '../ui/format.js';
import { findingOf, firstOf, type MendableFinding } from './finding.js';

/** What processes that were killed have left half written, and caches set aside as damaged. */
export async function checkLeftovers({
  root,
  models,
  masks,
  evaluations,
}: StorePaths): Promise<MendableFinding[]> {
  const found = [
    ...(await namesIn(root, (name) => isUnfinishedFile(name) || /^cache\.damaged-\d+$/.test(name))),
    ...(await namesIn(models, (name) => isUnfinishedFile(name) || isAbandoned(name))),
    ...(await namesIn(masks, isUnfinishedMask)),
    ...(await abandonedUnder(evaluations)),
  ];
  const names = found.map((path) => path.slice(root.length + 1));
  return findingOf(found, {
    code: 'LEFT_BEHIND',
    level: 'leftover',
    message: `${plural(found.length, 'file or folder was', 'files or folders were')} left behind half written or damaged: ${firstOf(names)}`,
    async mend() {
      for (const path of found) await rm(path, { recursive: true, force: true });
    },
  });
}

async function namesIn(folder: string, fits: (name: string) => boolean): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter(fits).map((name) => join(folder, name));
}

/** An evaluation keeps a folder a fold. */
async function abandonedUnder(evaluations: string): Promise<string[]> {
  const entries = await readdir(evaluations, { recursive: true }).catch(() => []);
  return entries
    .filter((path) => isAbandoned(basename(path)))
    .map((path) => join(evaluations, path));
}
