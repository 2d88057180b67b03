import { parseImageName } from '../operators/image-name.js';
import type { FileRecord, SampleRecord } from './records.js';

/** Where a file's pixels lie: by content and by what was done to them. */
export function pixelKey(sha256: string, kind: 'image' | 'mask', preprocessing: string): string {
  return `${sha256}:${kind}:${preprocessing}`;
}

export function partsOfPixelKey(key: string): { sha256: string; preprocessing: string } {
  const [sha256 = '', , ...preprocessing] = key.split(':');
  return { sha256, preprocessing: preprocessing.join(':') };
}

export function pixelKeyOfFile({
  path,
  sha256,
  preprocessing,
}: Pick<FileRecord, 'path' | 'sha256' | 'preprocessing'>): string {
  const kind = parseImageName(path).kind === 'train-mask' ? 'mask' : 'image';
  return pixelKey(sha256, kind, preprocessing);
}

/** Both pixel keys of a pair. */
export function pixelKeysOf(sample: SampleRecord): { image: string; mask: string } {
  const { imageSha, maskSha, preprocessing } = sample;
  return {
    image: pixelKey(imageSha, 'image', preprocessing),
    mask: pixelKey(maskSha ?? '', 'mask', preprocessing),
  };
}
