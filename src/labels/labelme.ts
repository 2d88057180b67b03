import { z } from 'zod';
import { fail, ok, type Result } from '../operators/result.js';
import type { Shape } from './label.js';
import {
  isWanted,
  type LabelFileCode,
  type ParsedLabels,
  parseJson,
  type WantedLabel,
} from './parsed-labels.js';

const labelmeFile = z.object({
  imagePath: z.string(),
  imageHeight: z.int().min(1).nullish(),
  imageWidth: z.int().min(1).nullish(),
  shapes: z.array(
    z.object({
      label: z.union([z.string(), z.number()]),
      points: z.array(z.tuple([z.number(), z.number()])),
      shape_type: z.string().nullish(),
    }),
  ),
});

type Point = readonly [number, number];

/** A labelme file, of one image: its polygons, rectangles and circles. Lines and points enclose nothing. */
export function parseLabelme(
  text: string,
  wanted: WantedLabel = null,
): Result<ParsedLabels, LabelFileCode> {
  const file = parseJson(text, labelmeFile);
  if (!file.ok) return file;
  const { imagePath, imageHeight, imageWidth } = file.value;
  const shapes: Shape[] = [];
  const leftOut: string[] = [];
  for (const [nth, { label, points, shape_type }] of file.value.shapes.entries()) {
    if (!isWanted(wanted, label)) continue;
    const type = shape_type ?? 'polygon';
    const what = `shape ${nth + 1} (${type})`;
    const ring = ringOf(type, points);
    if (ring === 'unknown') leftOut.push(`${what}: neither polygon, rectangle nor circle`);
    else if (ring === 'bad')
      return fail('BAD_LABEL', `${what}: ${points.length} points are not it`);
    else shapes.push({ type: 'polygons', rings: [ring.flat()] });
  }
  const size = imageHeight && imageWidth ? { height: imageHeight, width: imageWidth } : null;
  // Windows writes paths its own way.
  const image = imagePath.replaceAll('\\', '/');
  return ok({ labels: [{ image, size, shapes }], leftOut });
}

function ringOf(type: string, points: readonly Point[]): readonly Point[] | 'unknown' | 'bad' {
  const [first, second] = points;
  switch (type) {
    case 'polygon':
      return points.length >= 3 ? points : 'bad';
    case 'rectangle':
      if (first === undefined || second === undefined) return 'bad';
      // Later versions write all four corners.
      if (points.length === 4) return points;
      return [first, [second[0], first[1]], second, [first[0], second[1]]];
    case 'circle':
      return first === undefined || second === undefined ? 'bad' : circle(first, second);
    default:
      return 'unknown';
  }
}

/** With corners so many that its area is right to a ten-thousandth. */
const circleCorners = 360;

function circle([x, y]: Point, [edgeX, edgeY]: Point): Point[] {
  const radius = Math.hypot(edgeX - x, edgeY - y);
  return Array.from({ length: circleCorners }, (_, nth) => {
    const turn = (2 * Math.PI * nth) / circleCorners;
    return [x + radius * Math.cos(turn), y + radius * Math.sin(turn)];
  });
}
