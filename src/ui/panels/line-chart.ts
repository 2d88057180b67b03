import { padStart } from '../layout/text-width.js';
import { dim, type Line, lineWidth, span, type Tone } from '../layout/toned-line.js';
import { type Point, pointsOf, type Series } from '../state/series.js';
import type { Theme } from '../terminal/theme.js';
import { type Curve, niceRange, plot, type Range } from './braille-plot.js';

export interface ChartCurve {
  readonly name: string;
  readonly shortName: string;
  readonly series: Series;
  readonly tone: Tone;
  readonly dotted: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly curves: readonly ChartCurve[];
  /** Runs before this one: seen, not read. */
  readonly faint?: readonly Series[];
  /** A constant to compare with. */
  readonly line?: { readonly name: string; readonly shortName: string; readonly y: number };
  readonly width: number;
  readonly height: number;
  /** Lowest value of the axis; without it the data's own. */
  readonly floor?: number;
  readonly log: boolean;
  readonly theme: Theme;
}

const labelWidth = 6;

/** A plot with its title, the legend beside it, a labelled y axis, and epochs below. */
export function lineChart(options: ChartOptions): Line[] {
  const { theme, width, height } = options;
  const columns = width - labelWidth - 1;
  const rows = height - 2;
  const drawn = options.curves
    .map((curve) => ({ ...curve, points: pointsOf(curve.series) }))
    .filter(({ points }) => points.length > 0);
  if (columns < 8 || rows < 2) return [];
  const faint = (options.faint ?? []).map(pointsOf).filter((of) => of.length > 1);
  const points = [...drawn.map(({ points: of }) => of), ...faint].flat();
  if (points.length > 0 && options.line) points.push({ x: 0, y: options.line.y });
  const y = niceRange(
    points.map(({ y: value }) => value),
    options.floor,
  );
  const positive = points.every(({ y: value }) => value > 0);
  const log = options.log && positive && points.length > 0;
  const yRange = log ? logRange(points) : y;
  const last = Math.max(1, Math.ceil(Math.max(0, ...points.map(({ x }) => x)) - 1e-9));
  const labels = labelsOf(yRange, rows, log);
  const { line } = options;
  const level = line && [
    { x: 0, y: line.y },
    { x: last, y: line.y },
  ];
  const curves: Curve[] = [
    ...faint.map((of): Curve => ({ points: of, tone: 'dim', dotted: false })),
    ...(level ? [{ points: level, tone: 'plain', dotted: true } as const] : []),
    ...drawn.map(({ points: of, tone, dotted }): Curve => ({ points: of, tone, dotted })),
  ];
  const plotted =
    points.length === 0
      ? []
      : plot(curves, {
          columns,
          rows,
          x: { from: 0, to: last },
          y: yRange,
          log,
          ascii: theme.glyphs.ascii,
        });
  const legend = (short: boolean): Line => [
    span(options.title),
    ...(log ? [dim(' (log)')] : options.log && points.length > 0 ? [dim(' (not above 0)')] : []),
    ...drawn.flatMap(({ name, shortName, tone, dotted }) => [
      span(short ? ' ' : '  '),
      span(dotted ? theme.glyphs.dotted : theme.glyphs.solid, tone),
      dim(` ${short ? shortName : name}`),
    ]),
    ...(line && points.length > 0
      ? [
          span(`${short ? ' ' : '  '}${theme.glyphs.dotted}`),
          dim(` ${short ? line.shortName : line.name}`),
        ]
      : []),
    ...(faint.length > 0 ? [dim(short ? ' faint: before' : '  faint: runs before')] : []),
  ];
  return [
    legend(lineWidth(legend(false)) > width),
    ...Array.from({ length: rows }, (_, row): Line => {
      const label = labels.get(row);
      return [
        dim(padStart(label ?? '', labelWidth - 1)),
        dim(` ${label === undefined ? theme.glyphs.axis : theme.glyphs.tick}`),
        ...(plotted[row] ?? []),
      ];
    }),
    xAxis(last, columns),
  ];
}

function xAxis(last: number, columns: number): Line {
  const end = columns >= 16 ? `epoch ${last}` : String(last);
  return [dim(`${' '.repeat(labelWidth + 1)}0${padStart(end, columns - 1)}`)];
}

/** Labels by row: round numbers, as many as stand well apart. */
function labelsOf({ from, to }: Range, rows: number, log: boolean): Map<number, string> {
  const parts = [10, 5, 4, 2, 1].find(
    (count) => count * 3 <= rows - 1 && isRound(to - from, count),
  );
  const count = log ? (rows >= 5 ? 2 : 1) : (parts ?? 1);
  const labels = new Map<number, string>();
  for (let part = 0; part <= count; part++) {
    const share = part / count;
    const value = log ? from * (to / from) ** share : from + (to - from) * share;
    labels.set(Math.round((1 - share) * (rows - 1)), axisLabel(value));
  }
  return labels;
}

/** Whether a span divides into this many parts that two decimals can say. */
function isRound(spread: number, count: number): boolean {
  const scaled = (spread / count) * 100;
  return count === 1 || Math.abs(scaled - Math.round(scaled)) < 1e-6;
}

function logRange(points: readonly Point[]): Range {
  const values = points.map(({ y }) => y);
  const from = Math.min(...values);
  const to = Math.max(...values);
  return to > from ? { from, to } : { from: from / 2, to: to * 2 };
}

function axisLabel(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.01 || size >= 1000)) return value.toExponential(0);
  return value.toFixed(size >= 10 ? 0 : size >= 1 ? 1 : 2);
}
