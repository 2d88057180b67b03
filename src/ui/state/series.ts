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
  /** Shown until the next one comes; not kept. */
  readonly newest: Point | null;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Twice the widest plot in Braille dots would be waste; half of it would show steps. */
const capacity = 512;

export const emptySeries: Series = { points: [], stride: 1, held: [], newest: null };

export function addPoint(series: Series, point: Point): Series {
  if (!isNumber(point)) return series;
  const held = [...series.held, point];
  if (held.length < series.stride) return { ...series, held, newest: null };
  const points = [...series.points, mean(held)];
  return points.length < capacity
    ? { points, stride: series.stride, held: [], newest: null }
    : { points: halve(points), stride: series.stride * 2, held: [], newest: null };
}

/** Costs next to nothing: for samples that come faster than a curve can show. */
export function showPoint(series: Series, point: Point): Series {
  return isNumber(point) ? { ...series, newest: point } : series;
}

export function keepShown(series: Series): Series {
  return series.newest === null ? series : addPoint(series, series.newest);
}

/** All that is known, the newest samples included. */
export function pointsOf(series: Series): readonly Point[] {
  const { points, held, newest } = series;
  if (held.length === 0 && newest === null) return points;
  return [
    ...points,
    ...(held.length === 0 ? [] : [mean(held)]),
    ...(newest === null ? [] : [newest]),
  ];
}

const isNumber = ({ x, y }: Point): boolean => Number.isFinite(x) && Number.isFinite(y);

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
