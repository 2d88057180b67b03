import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where each thing that the program keeps lies under the store's folder. */
export interface StorePaths {
  readonly root: string;
  readonly cache: string;
  readonly models: string;
  readonly masks: string;
  readonly submission: string;
  readonly measurements: string;
  /** A folder for each evaluation, by its fingerprint. */
  readonly evaluations: string;
  /** Small pictures for the web page; may be deleted at any time. */
  readonly thumbnails: string;
  /** Says at which address a process that holds the store serves the web page. */
  readonly web: string;
  /** Says which process holds the store. */
  readonly holder: string;
}

export function storePaths(root: string): StorePaths {
  return {
    root,
    cache: join(root, 'cache'),
    models: join(root, 'models'),
    masks: join(root, 'masks'),
    submission: join(root, 'submission.csv'),
    measurements: join(root, 'measurements.csv'),
    evaluations: join(root, 'evaluations'),
    thumbnails: join(root, 'thumbnails'),
    web: join(root, 'web.json'),
    holder: join(root, 'holder.json'),
  };
}

export function makeStoreFolders(paths: StorePaths): void {
  for (const folder of [paths.root, paths.models, paths.masks]) {
    mkdirSync(folder, { recursive: true });
  }
}
