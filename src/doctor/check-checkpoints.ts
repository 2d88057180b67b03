import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  clearResumable,
  findResumable,
  pointToCheckpoint,
  readCheckpoint,
} from '../store/checkpoints.js';
import { readPointer } from '../store/model-pointers.js';
import { describe } from '../store/whole-folder.js';
import { firstOf, type MendableFinding } from './finding.js';
import { unusedFolders } from './unused-folders.js';

export interface CheckpointsLook {
  /** The training that can go on. */
  readonly runId: string | null;
  /** Folders of models that it needs. */
  readonly neededModels: ReadonlySet<string>;
  readonly findings: readonly MendableFinding[];
}

/**
 * Whether the interrupted training can go on, checksums included.
 *
 * @param checkpoints names of their folders
 */
export async function checkCheckpoints(
  folder: string,
  checkpoints: readonly string[],
): Promise<CheckpointsLook> {
  const findings: MendableFinding[] = [];
  const pointer = await readPointer(folder, 'latest');
  const pointed =
    pointer.status === 'found'
      ? Object.values(pointer.value).flatMap((path) => (path === null ? [] : [path]))
      : [];
  const unreadable: string[] = [];
  for (const path of pointed) {
    const checkpoint = await readCheckpoint(path);
    // The one before the last may have been cleared away.
    if (
      checkpoint.status === 'damaged' ||
      (checkpoint.status === 'missing' && path === pointed[0])
    ) {
      unreadable.push(path);
    }
  }
  const areAllUnreadable = pointed.length > 0 && unreadable.length === pointed.length;
  if (pointer.status === 'damaged' || unreadable.length > 0) {
    const what = pointer.status === 'damaged' ? describe(pointer) : firstOf(unreadable);
    const isLost = pointer.status === 'damaged' || areAllUnreadable;
    findings.push({
      code: 'CHECKPOINT_UNREADABLE',
      level: 'wrong',
      count: Math.max(1, unreadable.length),
      message: `a checkpoint of the interrupted training cannot be read (${what}): ${isLost ? 'it starts anew' : 'it goes on from the one before'}`,
      async mend() {
        if (isLost) return await clearResumable(folder);
        for (const path of unreadable) await rm(path, { recursive: true, force: true });
        const intact = pointed.find((path) => !unreadable.includes(path));
        if (intact !== undefined) await pointToCheckpoint(folder, intact);
      },
    });
  }
  const needed = new Set(pointed.map((path) => basename(path)));
  const unused = checkpoints.filter((name) => !needed.has(name));
  if (pointer.status !== 'damaged') {
    findings.push(...unusedFolders('CHECKPOINT_UNUSED', folder, unused, 'checkpoint'));
  }
  const resumable = await findResumable(folder);
  return {
    runId: resumable?.runId ?? null,
    neededModels: new Set(resumable?.best ? [resumable.best.card.folder] : []),
    findings,
  };
}
