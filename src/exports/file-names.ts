import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partOf } from '../store/part-path.js';
import type { SourceImage } from './export-format.js';

/** How other programs are told which image it is: its path under raw/, `test/7.dcm#12` of a frame. */
export function imageNameOf({ path, id }: Pick<SourceImage, 'path' | 'id'>): string {
  if (path === null) return id;
  const { file, part } = partOf(path);
  return part === null ? file : `${file}#${part}`;
}

/** Where a file of an id's own lies, its folder there: ids may have slashes. */
export async function fileFor(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  return path;
}
