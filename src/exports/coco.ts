import { join } from 'node:path';
import { countsOfRle, textOfCounts } from '../labels/coco-runs.js';
import { ringsOfMask } from '../labels/rings-of-mask.js';
import { boundingBox } from '../operators/bounding-box.js';
import type { GridSize } from '../operators/image.js';
import { ok } from '../operators/result.js';
import { encodeRle } from '../operators/rle.js';
import type { ExportFormat, ExportSource, PredictedImage } from './export-format.js';
import { imageNameOf } from './file-names.js';
import { holesFilled, LeftOutList } from './left-out.js';
import { TextFile } from './text-file.js';

/**
 * Instances of COCO, one an image whose mask is not empty: `coco-rle.json` with compressed runs, the mask
 * to the pixel, and `coco-polygons.json` with polygons, which an annotator can correct, holes filled.
 * `score` is 1 - uncertainty: the Dice to be expected. With truth `coco-truth.json` has the labelled
 * images, their true masks as runs.
 */
export const coco: ExportFormat = {
  name: 'coco',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    const predicted = await writePredicted(source, folder, leftOut);
    const labelled = source.withTruth ? await writeTruth(source, folder, leftOut) : 0;
    return ok({ images: predicted + labelled, leftOut: leftOut.all });
  },
};

async function writePredicted(
  source: ExportSource,
  folder: string,
  leftOut: LeftOutList,
): Promise<number> {
  await using runs = await InstancesFile.create(join(folder, 'coco-rle.json'), source.label);
  await using polygons = await InstancesFile.create(
    join(folder, 'coco-polygons.json'),
    source.label,
  );
  let images = 0;
  for await (const image of source.predicted()) {
    const { row, original } = image;
    const about = { id: ++images, file_name: imageNameOf(image), ...original };
    const mask = image.mask();
    const runsOf = instanceOf(images, mask, row.rle, original);
    if (runsOf === null) {
      for (const file of [runs, polygons]) await file.add(about, null);
      continue;
    }
    const { outer, holes } = ringsOfMask(mask, original);
    if (holes.length > 0) leftOut.add(image.id, holesFilled);
    const instance = { ...runsOf, ...scoreOf(image) };
    await runs.add(about, instance);
    await polygons.add(about, { ...instance, segmentation: outer });
  }
  return images;
}

async function writeTruth(
  source: ExportSource,
  folder: string,
  leftOut: LeftOutList,
): Promise<number> {
  await using runs = await InstancesFile.create(join(folder, 'coco-truth.json'), source.label);
  let images = 0;
  for await (const pair of source.pairs()) {
    const truth = await pair.readTruth();
    if (!truth.ok) {
      leftOut.add(imageNameOf(pair), truth.failure);
      continue;
    }
    const { height, width, data } = truth.value;
    const size = { height, width };
    const about = { id: ++images, file_name: imageNameOf(pair), ...size };
    await runs.add(about, instanceOf(images, data, encodeRle(data, size), size));
  }
  return images;
}

/** Of the image with the same id; null where the mask is empty. */
function instanceOf(id: number, mask: Uint8Array, rle: string, size: GridSize): object | null {
  const box = boundingBox([mask], size);
  if (box === null) return null;
  const counts = countsOfRle(rle, size);
  return {
    ...{ id, image_id: id, category_id: 1, iscrowd: 0, area: foregroundOf(counts) },
    bbox: [box.left, box.top, box.width, box.height],
    segmentation: { size: [size.height, size.width], counts: textOfCounts(counts) },
  };
}

/** Counts begin with the background. */
function foregroundOf(counts: readonly number[]): number {
  return counts.reduce((sum, count, nth) => sum + (nth % 2 === 1 ? count : 0), 0);
}

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
