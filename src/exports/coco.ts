import { join } from 'node:path';
import { countsOfRle, textOfCounts } from '../labels/coco-runs.js';
import { ringsOfMask } from '../labels/rings-of-mask.js';
import { boundingBox } from '../operators/bounding-box.js';
import { ok } from '../operators/result.js';
import type { ExportFormat, PredictedImage } from './export-format.js';
import { imageNameOf } from './file-names.js';
import { holesFilled, LeftOutList } from './left-out.js';
import { TextFile } from './text-file.js';

/**
 * Instances of COCO, one an image whose mask is not empty: `coco-rle.json` with compressed runs, the mask
 * to the pixel, and `coco-polygons.json` with polygons, which an annotator can correct, holes filled.
 * `score` is 1 - uncertainty: the Dice to be expected.
 */
export const coco: ExportFormat = {
  name: 'coco',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    await using runs = await InstancesFile.create(join(folder, 'coco-rle.json'), source.label);
    await using polygons = await InstancesFile.create(
      join(folder, 'coco-polygons.json'),
      source.label,
    );
    let images = 0;
    for await (const image of source.predicted()) {
      images++;
      const about = { id: images, file_name: imageNameOf(image), ...image.original };
      const mask = image.mask();
      const box = boundingBox([mask], image.original);
      if (box === null) {
        for (const file of [runs, polygons]) await file.add(about, null);
        continue;
      }
      const { outer, holes } = ringsOfMask(mask, image.original);
      if (holes.length > 0) leftOut.add(image.id, holesFilled);
      const { height, width } = image.original;
      const counts = textOfCounts(countsOfRle(image.row.rle, image.original));
      const instance = {
        ...{ id: images, image_id: images, category_id: 1, iscrowd: 0, area: image.row.pixels },
        bbox: [box.left, box.top, box.width, box.height],
        ...scoreOf(image),
      };
      await runs.add(about, { ...instance, segmentation: { size: [height, width], counts } });
      await polygons.add(about, { ...instance, segmentation: outer });
    }
    return ok({ images, leftOut: leftOut.all });
  },
};

/** Rows of version 0.1 do not tell it. */
function scoreOf({ row }: PredictedImage): { score?: number } {
  return row.measures === undefined ? {} : { score: 1 - row.measures.uncertainty };
}

/** Instances are written as they come; of images, whose list comes last, a line is kept. */
class InstancesFile implements AsyncDisposable {
  private readonly images: string[] = [];
  private instances = 0;

  private constructor(private readonly file: TextFile) {}

  static async create(path: string, label: string): Promise<InstancesFile> {
    const file = await TextFile.create(path);
    const categories = JSON.stringify([{ id: 1, name: label, supercategory: '' }]);
    await file.write(`{"categories":${categories},\n"annotations":[`);
    return new InstancesFile(file);
  }

  async add(image: object, instance: object | null): Promise<void> {
    this.images.push(JSON.stringify(image));
    if (instance === null) return;
    await this.file.write(`${this.instances++ === 0 ? '' : ','}\n${JSON.stringify(instance)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using file = this.file;
    await file.write(`],\n"images":[\n${this.images.join(',\n')}]}\n`);
  }
}
