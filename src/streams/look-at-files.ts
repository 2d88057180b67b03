import { type Stats, stat } from 'node:fs';
import { join } from 'node:path';

/** Enough to keep the threads that look busy; in between others have their turn. */
const LOOKS_AT_ONCE = 64;

/**
 * Calls back for each name in a folder with what is there, or undefined where nothing is or it
 * cannot be looked at. Callbacks instead of promises: half the processor time, and at every start
 * and every reconcile pass there are as many looks as files.
 */
export async function lookAtFiles(
  folder: string,
  names: readonly string[],
  seen: (name: string, stats: Stats | undefined) => void,
): Promise<void> {
  if (names.length === 0) return;
  await new Promise<void>((resolve) => {
    let next = 0;
    let left = names.length;
    const look = () => {
      const name = names[next++];
      if (name === undefined) return;
      stat(join(folder, name), (error, stats) => {
        seen(name, error ? undefined : stats);
        left--;
        if (left === 0) resolve();
        else look();
      });
    };
    for (let looking = 0; looking < LOOKS_AT_ONCE; looking++) look();
  });
}
