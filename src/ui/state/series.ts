/**
 * A curve of bounded size. Each kept point is the mean of `stride` samples; when the curve is
 * full, neighbours are averaged and the stride doubles, so a run of any length keeps its shape.
 * Immutable.
 */
export interface Series {
  readonly points: readonly Point[];
  readonly stride: number;
  /** Samples that do not fill a stride yet. */
  readonly held: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Twice the widest plot in Braille dots would be waste; half of it would show steps. */
const capacity = 512;

export const emptySeries: Series = { points: [], stride: 1, held: [] };

export function addPoint(series: Series, point: Point): Series {
  if (!Number.isFinite(point.x) || !Number.isFinite(point.y)) return series;
  const held = [...series.held, point];
  if (held.length < series.stride) return { ...series, held };
  const points = [...series.points, mean(held)];
  return points.length < capacity
    ? { points, stride: series.stride, held: [] }
    : { points: halve(points), stride: series.stride * 2, held: [] };
}

/** All that is known, the newest samples included. */
export function pointsOf(series: Series): readonly Point[] {
  return series.held.length === 0 ? series.points : [...series.points, mean(series.held)];
}

function halve(points: readonly Point[]): Point[] {
  const halved: Point[] = [];
  for (let index = 0; index < points.length; index += 2) {
    halved.push(mean(points.slice(index, index + 2)));
  }
  return halved;
}

function mean(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}
