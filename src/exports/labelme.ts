import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ringsOfMask } from '../labels/rings-of-mask.js';
import { ok } from '../operators/result.js';
import { partOf } from '../store/part-path.js';
import type { ExportFormat, PredictedImage } from './export-format.js';
import { fileFor } from './file-names.js';
import { holesFilled, LeftOutList } from './left-out.js';

/**
 * A file an image, under the image's own path with the ending json: copied over raw/ they lie beside their
 * images, where labelme looks for them. A polygon for each part of the mask, holes filled.
 */
export const labelme: ExportFormat = {
  name: 'labelme',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    let images = 0;
    for await (const image of source.predicted()) {
      if (image.path === null || partOf(image.path).part !== null) {
        leftOut.add(image.id, noFileOfItsOwn);
        continue;
      }
      const { outer, holes } = ringsOfMask(image.mask(), image.original);
      if (holes.length > 0) leftOut.add(image.id, holesFilled);
      const name = image.path.replace(/\.[^./]*$/, '.json');
      const text = JSON.stringify(
        fileOf(image, basename(image.path), source.label, outer),
        null,
        2,
      );
      await writeFile(await fileFor(folder, name), `${text}\n`);
      images++;
    }
    return ok({ images, leftOut: leftOut.all });
  },
};

const noFileOfItsOwn = {
  code: 'NO_FILE',
  message: 'frames of a file, which labelme does not open',
};

function fileOf(
  { original }: PredictedImage,
  imagePath: string,
  label: string,
  rings: readonly (readonly number[])[],
): object {
  const shapes = rings.map((ring) => ({
    label,
    points: Array.from({ length: ring.length / 2 }, (_, nth) => ring.slice(2 * nth, 2 * nth + 2)),
    ...{ group_id: null, description: '', shape_type: 'polygon', flags: {} },
  }));
  const { height: imageHeight, width: imageWidth } = original;
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
