import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What the kernel takes for a socket's name, the shortest of the systems there are. */
const longestPath = 100;

/**
 * Where a program that works on this store listens for viewers: in a folder of the store that only
 * its owner enters, or, where that is too long a name for a socket, of the temporary folder.
 */
export function socketPathOf(store: string): string {
  const root = resolve(store);
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\nerveflow-${hash}`;
  const inStore = join(root, 'attach', 'socket');
  return Buffer.byteLength(inStore) <= longestPath
    ? inStore
    : join(tmpdir(), `nerveflow-${userInfo().uid}`, hash);
}

/**
 * Makes the socket's folder, for its owner alone: whoever may not enter it cannot connect, whatever
 * the socket's own mode is for the moment between its making and its `chmod`.
 */
export function makeSocketFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  // In the temporary folder, anybody could have made it before.
  if (uid !== userInfo().uid) throw new Error(`${folder} belongs to somebody else`);
  chmodSync(folder, 0o700);
}
