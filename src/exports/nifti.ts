import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PixelSpacing } from '../formats/frames.js';
import { type GridSize, isSameSize } from '../operators/image.js';
import { ok } from '../operators/result.js';
import { decodeRle } from '../operators/rle.js';
import type { ExportFormat } from './export-format.js';
import { fileFor } from './file-names.js';
import { fileOfMask, inFiles, type MaskOfFile } from './frames-of-files.js';
import { LeftOutList } from './left-out.js';

/**
 * Masks of 0 and 1, uint8, `<id>.nii.gz`: i goes to the right of the image, j down, k through the
 * frames. A file of frames (`7#1`, `7#2`, ...) is one volume; what has no prediction in it is empty there.
 * The affine is the one that ITK gives an image without a position, so that both lie over each other.
 */
export const nifti: ExportFormat = {
  name: 'nifti',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    let images = 0;
    for await (const masks of inFiles(source.predicted())) {
      const [first] = masks as [MaskOfFile, ...MaskOfFile[]];
      const same = masks.filter(({ size }) => isSameSize(size, first.size));
      for (const { id } of masks.filter((mask) => !same.includes(mask))) leftOut.add(id, otherSize);
      const { name, isOfFrames } = fileOfMask(first);
      const depth = isOfFrames ? Math.max(...same.map(({ frame }) => frame)) + 1 : 1;
      await writeVolume(await fileFor(folder, `${name}.nii.gz`), same, depth);
      images += same.length;
    }
    return ok({ images, leftOut: leftOut.all });
  },
};

const otherSize = {
  code: 'OTHER_SIZE',
  message: 'of another size than the first frame of its file',
};

async function writeVolume(
  path: string,
  masks: readonly MaskOfFile[],
  depth: number,
): Promise<void> {
  const { size, spacing } = masks[0]!;
  const byFrame = new Map(masks.map((mask) => [depth === 1 ? 0 : mask.frame, mask.rle]));
  function* bytes(): Generator<Uint8Array> {
    yield headerOf(size, depth, spacing);
    for (let frame = 0; frame < depth; frame++) {
      const mask = decodeRle(byFrame.get(frame) ?? '', size);
      yield mask.ok ? mask.value : new Uint8Array(size.height * size.width);
    }
  }
  await pipeline(Readable.from(bytes()), createGzip(), createWriteStream(path));
}

const headerBytes = 352;
const uint8 = 2;
const millimetres = 2;
const scannerAnatomical = 1;

/** NIfTI-1, by its published layout. */
function headerOf(
  { height, width }: GridSize,
  depth: number,
  spacing: PixelSpacing | undefined,
): Buffer {
  const { rowMm, columnMm } = spacing ?? { rowMm: 1, columnMm: 1 };
  const header = Buffer.alloc(headerBytes);
  header.writeInt32LE(348, 0);
  for (const [nth, count] of [3, width, height, depth, 1, 1, 1, 1].entries()) {
    header.writeInt16LE(count, 40 + 2 * nth);
  }
  header.writeInt16LE(uint8, 70);
  header.writeInt16LE(8, 72);
  for (const [nth, length] of [1, columnMm, rowMm, 1].entries()) {
    header.writeFloatLE(length, 76 + 4 * nth);
  }
  header.writeFloatLE(headerBytes, 108);
  header.writeFloatLE(1, 112);
  header.writeUInt8(spacing === undefined ? 0 : millimetres, 123);
  header.writeFloatLE(1, 124);
  header.writeInt16LE(scannerAnatomical, 254);
  // x to the left and y to the back, as DICOM and ITK have them, are negative here.
  header.writeFloatLE(-columnMm, 280);
  header.writeFloatLE(-rowMm, 300);
  header.writeFloatLE(1, 320);
  header.write('n+1\0', 344, 'latin1');
  return header;
}
