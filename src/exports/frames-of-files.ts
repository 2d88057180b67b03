import type { PixelSpacing } from '../formats/frames.js';
import type { GridSize } from '../operators/image.js';
import { partOf } from '../store/part-path.js';
import type { PredictedImage } from './export-format.js';

/** A mask, as its run lengths, of a file or of a frame of one. */
export interface MaskOfFile {
  readonly id: string;
  readonly path: string | null;
  /** From 0; 0 of a file that is one image. */
  readonly frame: number;
  readonly size: GridSize;
  readonly spacing: PixelSpacing | undefined;
  readonly rle: string;
  readonly image: PredictedImage;
}

/** The masks of one file after those of another; ids in their order keep its frames together. */
export async function* inFiles(
  images: AsyncIterable<PredictedImage>,
): AsyncGenerator<readonly MaskOfFile[]> {
  let masks: MaskOfFile[] = [];
  for await (const image of images) {
    const mask = maskOf(image);
    if (masks.length > 0 && !isSameFile(masks[0]!, mask)) {
      yield masks;
      masks = [];
    }
    masks.push(mask);
  }
  if (masks.length > 0) yield masks;
}

/** The id of a file, and whether it is one of frames, by the first of its masks. */
export function fileOfMask({ id, path }: MaskOfFile): { name: string; isOfFrames: boolean } {
  const isOfFrames = partOf(path ?? '').part !== null;
  return { name: isOfFrames ? id.slice(0, id.lastIndexOf('#')) : id, isOfFrames };
}

function maskOf(image: PredictedImage): MaskOfFile {
  const { id, path, original: size, spacing, row } = image;
  const { part } = partOf(path ?? '');
  const frame = part === null ? 0 : Number(part) - 1;
  return { id, path, frame, size, spacing, rle: row.rle, image };
}

function isSameFile(a: MaskOfFile, b: MaskOfFile): boolean {
  if (a.path === null || b.path === null) return false;
  return partOf(a.path).part !== null && partOf(a.path).file === partOf(b.path).file;
}
