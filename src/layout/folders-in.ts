import type { Dirent } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/** Names of the folders among what a folder holds, links to folders too, unless they lead back to it. */
export async function foldersIn(folder: string, entries: readonly Dirent[]): Promise<string[]> {
  const names: string[] = [];
  for (const entry of entries) {
    const isLink = entry.isSymbolicLink();
    if (!entry.isDirectory() && !isLink) continue;
    if (!isLink || !(await leadsBack(join(folder, entry.name)))) names.push(entry.name);
  }
  return names;
}

/** Whether a link leads to a folder that it lies in: who follows it comes by for ever. */
async function leadsBack(link: string): Promise<boolean> {
  try {
    const [from, to] = await Promise.all([realpath(dirname(link)), realpath(link)]);
    return `${from}${sep}`.startsWith(to.endsWith(sep) ? to : `${to}${sep}`);
  } catch {
    return false;
  }
}
