import { type GreyImage, type GridSize, isSameSize } from '../operators/image.js';
import { fail, ok, type Result } from '../operators/result.js';
import type { Label, Shape } from './label.js';
import { fillRing } from './polygon.js';

/** `LABEL_SIZE`: made for an image of another size. `LABEL_RUNS`: its runs leave the image. */
export type RasteriseCode = 'LABEL_SIZE' | 'LABEL_RUNS';

/**
 * The mask (0 and 1) of a label on its image: all its shapes together, each ring of a polygon by
 * itself (`fillRing` says which pixels that takes).
 */
export function rasterise(label: Label, size: GridSize): Result<GreyImage, RasteriseCode> {
  const { height, width } = size;
  if (label.size !== null && !isSameSize(label.size, size)) return otherSize(label.size, size);
  const data = new Uint8Array(height * width);
  for (const shape of label.shapes) {
    const drawn = draw(shape, data, size);
    if (!drawn.ok) return drawn;
  }
  return ok({ height, width, data });
}

/**
 * What a label says, always in the same words: the same text, the same mask on the same image. Its
 * hash is the label's part of a sample's fingerprint.
 */
export function labelText({ size, shapes }: Label): string {
  const texts = shapes.map((shape) => {
    if (shape.type === 'polygons') return JSON.stringify(['polygons', shape.rings]);
    if (shape.type === 'starts') return JSON.stringify(['starts', shape.pairs]);
    return JSON.stringify(['runs', shape.size.height, shape.size.width, shape.counts]);
  });
  const ofSize = size === null ? 'any size' : `${size.height}x${size.width}`;
  return [ofSize, ...texts.sort()].join('\n');
}

function draw(shape: Shape, mask: Uint8Array, size: GridSize): Result<null, RasteriseCode> {
  if (shape.type === 'polygons') {
    for (const ring of shape.rings) fillRing(ring, mask, size);
    return ok(null);
  }
  if (shape.type === 'runs' && !isSameSize(shape.size, size)) return otherSize(shape.size, size);
  const runs = shape.type === 'runs' ? runsOfCounts(shape.counts) : runsOfPairs(shape.pairs);
  for (const { first, end } of runs) {
    if (first < 0 || end > mask.length) {
      const message = `the run of pixels ${first + 1} to ${end} leaves the ${size.height}x${size.width} image`;
      return fail('LABEL_RUNS', message);
    }
    fillDown(mask, size, first, end);
  }
  return ok(null);
}

interface Run {
  /** From 0, down the columns. */
  readonly first: number;
  readonly end: number;
}

function runsOfCounts(counts: readonly number[]): Run[] {
  const runs: Run[] = [];
  let first = 0;
  for (const [nth, count] of counts.entries()) {
    if (nth % 2 === 1 && count > 0) runs.push({ first, end: first + count });
    first += count;
  }
  return runs;
}

function runsOfPairs(pairs: readonly number[]): Run[] {
  return Array.from({ length: pairs.length / 2 }, (_, nth) => {
    const first = pairs[2 * nth]! - 1;
    return { first, end: first + pairs[2 * nth + 1]! };
  });
}

function fillDown(mask: Uint8Array, { height, width }: GridSize, first: number, end: number): void {
  for (let at = first; at < end; at++) mask[(at % height) * width + Math.floor(at / height)] = 1;
}

function otherSize(label: GridSize, image: GridSize): Result<never, 'LABEL_SIZE'> {
  const [of, is] = [label, image].map(({ height, width }) => `${height}x${width}`);
  return fail('LABEL_SIZE', `the label is for an image of ${of}, the image is ${is}`);
}
