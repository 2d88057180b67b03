import { z } from 'zod';
import type { GridSize } from '../operators/image.js';
import { fail, ok, type Result } from '../operators/result.js';
import { countsOfText } from './coco-runs.js';
import type { Label, Shape } from './label.js';
import {
  isWanted,
  type LabelFileCode,
  type ParsedLabels,
  parseJson,
  type WantedLabel,
} from './parsed-labels.js';

const pixels = z.int().min(0);
const id = z.union([z.int(), z.string()]);
const ring = z.array(z.number());
const runs = z.object({
  counts: z.union([z.string(), z.array(pixels)]),
  size: z.tuple([pixels, pixels]),
});

const cocoFile = z.object({
  images: z.array(
    z.object({ id, file_name: z.string(), height: pixels.optional(), width: pixels.optional() }),
  ),
  annotations: z.array(
    z.object({
      image_id: id,
      category_id: id.optional(),
      segmentation: z.union([z.array(ring), runs]).nullish(),
    }),
  ),
  categories: z.array(z.object({ id, name: z.string() })).default([]),
});

type Annotation = z.infer<typeof cocoFile>['annotations'][number];

/**
 * A COCO file as one label an image, also of images without annotations: those show nothing.
 * Polygons and both kinds of runs; boxes and key points alone enclose nothing that can be told.
 */
export function parseCoco(
  text: string,
  wanted: WantedLabel = null,
): Result<ParsedLabels, LabelFileCode> {
  const file = parseJson(text, cocoFile);
  if (!file.ok) return file;
  const { images, annotations, categories } = file.value;
  const names = new Map(categories.map((category) => [category.id, category.name]));
  const shapes = new Map<number | string, Shape[]>(images.map((image) => [image.id, []]));
  const leftOut: string[] = [];
  for (const [nth, annotation] of annotations.entries()) {
    const category = annotation.category_id ?? '';
    if (!isWanted(wanted, category, names.get(category) ?? category)) continue;
    const what = `annotation ${nth + 1}`;
    const ofImage = shapes.get(annotation.image_id);
    if (ofImage === undefined) {
      leftOut.push(`${what}: no image has the id ${annotation.image_id}`);
      continue;
    }
    const shape = shapeOf(annotation);
    if (!shape.ok) return fail('BAD_LABEL', `${what}: ${shape.failure.message}`);
    if (shape.value === null) leftOut.push(`${what}: no segmentation`);
    else ofImage.push(shape.value);
  }
  const labels = images.map((image): Label => {
    const { height, width, file_name, id } = image;
    const size = height === undefined || width === undefined ? null : { height, width };
    return { image: file_name, size, shapes: shapes.get(id) ?? [] };
  });
  return ok({ labels, leftOut });
}

function shapeOf({ segmentation }: Annotation): Result<Shape | null, 'BAD_LABEL'> {
  if (segmentation === undefined || segmentation === null) return ok(null);
  if (Array.isArray(segmentation)) {
    if (segmentation.length === 0) return ok(null);
    const bad = segmentation.find((points) => points.length < 6 || points.length % 2 !== 0);
    if (bad !== undefined) {
      return fail(
        'BAD_LABEL',
        `${bad.length} numbers are no polygon: x and y of three points or more`,
      );
    }
    return ok({ type: 'polygons', rings: segmentation });
  }
  const [height, width] = segmentation.size;
  const { counts } = segmentation;
  return shapeOfRuns(typeof counts === 'string' ? countsOfText(counts) : counts, { height, width });
}

function shapeOfRuns(counts: readonly number[] | null, size: GridSize): Result<Shape, 'BAD_LABEL'> {
  if (counts === null) return fail('BAD_LABEL', "its counts are not COCO's compressed runs");
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum !== size.height * size.width) {
    return fail('BAD_LABEL', `its runs are ${sum} pixels, not ${size.height}x${size.width}`);
  }
  return ok({ type: 'runs', counts, size });
}
