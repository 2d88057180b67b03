import { parseImageName } from '../operators/image-name.js';
import { partOf } from './part-path.js';
import type { FileKind, FileRecord, SampleRecord } from './records.js';

/** Where a file's pixels lie: by content and by what was done to them. */
export function pixelKey(sha256: string, kind: 'image' | 'mask', preprocessing: string): string {
  return `${sha256}:${kind}:${preprocessing}`;
}

export function partsOfPixelKey(key: string): { sha256: string; preprocessing: string } {
  const [sha256 = '', , ...preprocessing] = key.split(':');
  return { sha256, preprocessing: preprocessing.join(':') };
}

/** What a file holds; that version 0.1 did not write down follows from Kaggle's names. */
export function kindOf({ path, kind }: Pick<FileRecord, 'path' | 'kind'>): FileKind {
  return kind ?? (parseImageName(path).kind === 'train-mask' ? 'mask' : 'image');
}

/** Null of a file in parts, which have pixels of their own. */
function pixelKeyOfFile(record: FileRecord): string | null {
  const kind = kindOf(record);
  return kind === 'parts' ? null : pixelKey(record.sha256, kind, record.preprocessing);
}

/** Files and parts whose pixels are not among those that are there, and the files of such parts. */
export function filesWithoutPixels(
  files: Iterable<FileRecord>,
  present: { has(key: string): boolean },
): string[] {
  const lost = new Set<string>();
  for (const record of files) {
    const key = pixelKeyOfFile(record);
    if (key !== null && !present.has(key)) lost.add(record.path).add(partOf(record.path).file);
  }
  return [...lost];
}

/** Both pixel keys of a pair. */
export function pixelKeysOf(sample: SampleRecord): { image: string; mask: string } {
  const { imageSha, maskSha, preprocessing } = sample;
  return {
    image: pixelKey(imageSha, 'image', preprocessing),
    mask: pixelKey(maskSha ?? '', 'mask', preprocessing),
  };
}
