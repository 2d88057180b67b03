import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder `shared/data/<name>` beside the project, or beside a folder that holds it; where there
 * is none, a path that does not exist.
 */
export function sharedData(name: string): string {
  let folder = dirname(import.meta.dirname);
  while (!existsSync(join(folder, 'shared', 'data', name)) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return join(folder, 'shared', 'data', name);
}
