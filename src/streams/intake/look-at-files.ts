import { type Stats, stat, statSync } from 'node:fs';
import { join } from 'node:path';

/** Looks in one go; in between others have their turn. */
const sliceLength = 64;
/** A file system that takes longer for a slice, in milliseconds, would hold everything else up. */
const slowSliceMs = 20;

/**
 * Calls back for each name in a folder with what is there, or undefined where nothing is or it
 * cannot be looked at. At every start and every reconcile pass there are as many looks as files, so
 * they are made right here as long as they are quick: one that goes through a thread takes three
 * times the processor time, and on a busy machine waits for that thread each time.
 */
export async function lookAtFiles(
  folder: string,
  names: readonly string[],
  seen: (name: string, stats: Stats | undefined) => void,
): Promise<void> {
  let isSlow = false;
  for (let start = 0; start < names.length; start += sliceLength) {
    const slice = names.slice(start, start + sliceLength);
    const began = performance.now();
    const looks = isSlow
      ? await Promise.all(slice.map((name) => lookElsewhere(join(folder, name))))
      : slice.map((name) => lookHere(join(folder, name)));
    isSlow ||= performance.now() - began > slowSliceMs;
    for (const [index, name] of slice.entries()) seen(name, looks[index]);
    await new Promise(setImmediate);
  }
}

function lookHere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** On another thread. */
async function lookElsewhere(path: string): Promise<Stats | undefined> {
  return await new Promise((resolve) => {
    stat(path, (error, stats) => resolve(error ? undefined : stats));
  });
}
