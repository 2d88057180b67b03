import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ringsOfMask } from '../labels/rings-of-mask.js';
import type { GreyImage, GridSize } from '../operators/image.js';
import { ok } from '../operators/result.js';
import { partOf } from '../store/part-path.js';
import type { ExportFormat, SourceImage } from './export-format.js';
import { fileFor } from './file-names.js';
import { holesFilled, LeftOutList } from './left-out.js';

/** Labelled images have a folder of their own, beside those that are predicted. */
const truthFolder = 'truth';

/**
 * A file an image, under the image's own path with the ending json: copied over raw/ they lie beside their
 * images, where labelme looks for them. A polygon for each part of the mask, holes filled. With truth
 * the same of the labelled images, in the folder `truth`.
 */
export const labelme: ExportFormat = {
  name: 'labelme',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    let images = 0;
    for await (const image of source.predicted()) {
      if (!hasFileOfItsOwn(image)) {
        leftOut.add(image.id, noFileOfItsOwn);
        continue;
      }
      const mask = { ...image.original, data: image.mask() };
      await writeShapes(image, mask, source.label, folder, leftOut);
      images++;
    }
    if (!source.withTruth) return ok({ images, leftOut: leftOut.all });
    for await (const pair of source.pairs()) {
      if (!hasFileOfItsOwn(pair)) {
        leftOut.add(pair.id, noFileOfItsOwn);
        continue;
      }
      const truth = await pair.readTruth();
      if (!truth.ok) {
        leftOut.add(pair.path, truth.failure);
        continue;
      }
      await writeShapes(pair, truth.value, source.label, join(folder, truthFolder), leftOut);
      images++;
    }
    return ok({ images, leftOut: leftOut.all });
  },
};

type ImageWithFile = SourceImage & { readonly path: string };

function hasFileOfItsOwn<T extends SourceImage>(image: T): image is T & ImageWithFile {
  return image.path !== null && partOf(image.path).part === null;
}

async function writeShapes(
  { id, path }: ImageWithFile,
  mask: GreyImage,
  label: string,
  folder: string,
  leftOut: LeftOutList,
): Promise<void> {
  const { outer, holes } = ringsOfMask(mask.data, mask);
  if (holes.length > 0) leftOut.add(id, holesFilled);
  const text = JSON.stringify(fileOf(mask, basename(path), label, outer), null, 2);
  await writeFile(await fileFor(folder, path.replace(/\.[^./]*$/, '.json')), `${text}\n`);
}

const noFileOfItsOwn = {
  code: 'NO_FILE',
  message: 'frames of a file, which labelme does not open',
};

function fileOf(
  { height: imageHeight, width: imageWidth }: GridSize,
  imagePath: string,
  label: string,
  rings: readonly (readonly number[])[],
): object {
  const shapes = rings.map((ring) => ({
    label,
    points: Array.from({ length: ring.length / 2 }, (_, nth) => ring.slice(2 * nth, 2 * nth + 2)),
    ...{ group_id: null, description: '', shape_type: 'polygon', flags: {} },
  }));
  return {
    version: '5.5.0',
    flags: {},
    shapes,
    imagePath,
    imageData: null,
    imageHeight,
    imageWidth,
  };
}
