import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const script = 'const [level, folder] = process.argv.slice(1); require(level).Level.repair(folder)';

/**
 * LevelDB's own repair, in a process of its own: on keys with flipped bits LevelDB gives up by
 * ending the process. Rejects when it did not succeed.
 */
export async function repairCache(folder: string): Promise<void> {
  const level = createRequire(import.meta.url).resolve('level');
  await promisify(execFile)(process.execPath, ['-e', script, level, folder]);
}
