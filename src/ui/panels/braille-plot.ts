import { type Line, type Span, span, type Tone } from '../layout/toned-line.js';
import type { Point } from '../state/series.js';

/** A curve on a plot. Dotted and solid tell two apart where colour cannot. */
export interface Curve {
  readonly points: readonly Point[];
  readonly tone: Tone;
  readonly dotted: boolean;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface PlotSize {
  readonly columns: number;
  readonly rows: number;
  readonly x: Range;
  readonly y: Range;
  /** Logarithmic y; only where all of `y` is above 0. */
  readonly log: boolean;
  /** One character a cell instead of 2 x 4 Braille dots. */
  readonly ascii: boolean;
}

/** Dots of a Braille cell by [row][column]; U+2800 plus their sum is the character. */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** Curves as lines of Braille, 2 x 4 dots a cell. Later curves lie over earlier ones. */
export function plot(curves: readonly Curve[], size: PlotSize): Line[] {
  const { columns, rows } = size;
  const bits = new Uint8Array(columns * rows);
  const owner = new Int8Array(columns * rows).fill(-1);
  for (const [index, curve] of curves.entries()) {
    for (const [x, y] of dotsOf(curve, size)) {
      const cell = (y >> 2) * columns + (x >> 1);
      bits[cell] = (bits[cell] ?? 0) | dotBits[(y & 3) as 0 | 1 | 2 | 3][(x & 1) as 0 | 1];
      owner[cell] = index;
    }
  }
  return Array.from({ length: rows }, (_, row) => {
    const line: Span[] = [];
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      const curve = curves[owner[cell] ?? -1];
      const character =
        curve === undefined
          ? ' '
          : size.ascii
            ? curve.dotted
              ? 'o'
              : '*'
            : String.fromCodePoint(0x2800 + (bits[cell] ?? 0));
      const tone = curve?.tone ?? 'plain';
      const last = line.at(-1);
      if (last?.tone === tone) line[line.length - 1] = span(last.text + character, tone);
      else line.push(span(character, tone));
    }
    return line;
  });
}

/** The dots a curve lights, connected so that it reads as one line. */
function dotsOf(curve: Curve, size: PlotSize): [number, number][] {
  const width = size.columns * 2;
  const height = size.rows * 4;
  const scaleY = size.log ? Math.log : (value: number) => value;
  const [low, high] = [scaleY(size.y.from), scaleY(size.y.to)];
  const spanX = size.x.to - size.x.from || 1;
  const spanY = high - low || 1;

  // Many points may share a dot's column: their mean stands for them.
  const sums = new Map<number, { sum: number; count: number }>();
  for (const point of curve.points) {
    const y = scaleY(point.y);
    if (!Number.isFinite(y)) continue;
    const x = clamp(Math.round(((point.x - size.x.from) / spanX) * (width - 1)), width - 1);
    const entry = sums.get(x) ?? { sum: 0, count: 0 };
    sums.set(x, { sum: entry.sum + y, count: entry.count + 1 });
  }
  const known = [...sums]
    // An exploded loss may leave no number to place; a gap says so better than a wrong dot.
    .filter(([x, { sum }]) => Number.isFinite(x) && Number.isFinite((sum - low) / spanY))
    .sort(([a], [b]) => a - b)
    .map(([x, { sum, count }]): [number, number] => [
      x,
      clamp(Math.round((1 - (sum / count - low) / spanY) * (height - 1)), height - 1),
    ]);

  const dots: [number, number][] = [];
  let before: [number, number] | undefined;
  for (const [x, y] of known) {
    const [fromX, fromY] = before ?? [x, y];
    let previousY = fromY;
    for (let dotX = before ? fromX + 1 : x; dotX <= x; dotX++) {
      const dotY =
        x === fromX ? y : Math.round(fromY + ((y - fromY) * (dotX - fromX)) / (x - fromX));
      // Dashes of two dots: with single ones it would not read as a line.
      if (!curve.dotted || dotX % 4 < 2 || curve.points.length === 1) {
        const step = Math.sign(dotY - previousY);
        dots.push([dotX, dotY]);
        if (!curve.dotted && step !== 0) {
          for (let between = previousY + step; between !== dotY; between += step) {
            dots.push([dotX, between]);
          }
        }
      }
      previousY = dotY;
    }
    before = [x, y];
  }
  return dots;
}

/** Beyond it a difference of two values might not be finite. */
const largest = 1e100;

/** The range of what is drawn, widened to round numbers, never empty. */
export function niceRange(values: readonly number[], floor?: number): Range {
  const finite = values.filter((value) => Math.abs(value) < largest);
  if (finite.length === 0) return { from: floor ?? 0, to: (floor ?? 0) + 1 };
  const from = floor ?? Math.min(...finite);
  const to = Math.max(...finite, from);
  const step = niceStep(to - from || Math.abs(to) || 1);
  const low = Math.floor(from / step + 1e-9) * step;
  const high = Math.ceil(to / step - 1e-9) * step;
  return { from: tidy(low), to: tidy(high > low ? high : low + step) };
}

/** 1, 2 or 5 times a power of ten, about a fifth of the span. */
function niceStep(spread: number): number {
  const raw = spread / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

const tidy = (value: number): number => Number(value.toPrecision(6)) + 0;

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
