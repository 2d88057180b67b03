import type { Picture } from '../../events.js';
import { decodeMask } from '../../operators/picture.js';
import { type Line, type Outlines, type Span, span } from '../layout/toned-line.js';
import type { Theme } from '../terminal/theme.js';
import type { CellPixels } from './picture-protocol.js';

export interface CellSize {
  readonly columns: number;
  readonly rows: number;
}

/** The model's orange and the truth's blue. */
export const modelColour = 0xff8700;
export const truthColour = 0x2f9bff;

/**
 * Where both outlines lie they take turns, in dashes of so many pixels: no third colour would be
 * seen on every grey. Along every direction of a line the turns come about as often.
 */
export function isModelsTurn(x: number, y: number, dash: number): boolean {
  return Math.floor((x + 2 * y) / dash) % 2 === 0;
}

/** From dark to bright, for terminals of few colours. */
const ramp = ' .:-=+*#%@';

/** Two square pixels, one over the other. */
export const halfBlocks: CellPixels = { width: 1, height: 2 };

/** The largest it can be in this room, its pixels square. */
export function fitPicture(
  picture: Pick<Picture, 'height' | 'width'>,
  room: CellSize,
  cell: CellPixels = halfBlocks,
): CellSize {
  const scale = Math.min(
    (room.columns * cell.width) / picture.width,
    (room.rows * cell.height) / picture.height,
  );
  return {
    columns: Math.max(1, Math.floor((picture.width * scale) / cell.width + 1e-9)),
    rows: Math.max(1, Math.floor((picture.height * scale) / cell.height + 1e-9)),
  };
}

/** A picture in half-blocks, or in signs of more and less ink where colours are few. Pure. */
export function drawPicture(
  picture: Picture,
  { columns, rows }: CellSize,
  outlines: Outlines,
  theme: Theme,
): Line[] {
  const size = { height: rows * 2, width: columns };
  const grey = stretch(resample(bytesOf(picture.image), picture, size));
  const outline = (bits: string | undefined): Uint8Array | null =>
    bits === undefined ? null : outlineOf(resample(decodeMask(bits, picture), picture, size), size);
  const model = outlines.model ? outline(picture.mask) : null;
  const truth = outlines.truth ? outline(picture.truth) : null;
  const inColour = theme.colours >= 2 && !theme.glyphs.ascii;
  const colourOf = (at: number, x: number, y: number): number => {
    const isModel = model?.[at] === 1;
    const isTruth = truth?.[at] === 1;
    if (isModel && isTruth) return isModelsTurn(x, y, 2) ? modelColour : truthColour;
    return isModel ? modelColour : isTruth ? truthColour : greyColour(grey[at]!);
  };
  return Array.from({ length: rows }, (_, row): Line => {
    const cells: Span[] = [];
    for (let column = 0; column < columns; column++) {
      const upper = 2 * row * columns + column;
      const lower = upper + columns;
      const isModel = model !== null && (model[upper] === 1 || model[lower] === 1);
      const isTruth = truth !== null && (truth[upper] === 1 || truth[lower] === 1);
      cells.push(
        inColour
          ? {
              text: '▀',
              tone: 'plain',
              colours: {
                ink: colourOf(upper, column, 2 * row),
                paper: colourOf(lower, column, 2 * row + 1),
              },
            }
          : signOf((grey[upper]! + grey[lower]!) / 2, isModel, isTruth),
      );
    }
    return cells;
  });
}

/** Of few enough greys that neighbours often agree: those cost no escape code. */
function greyColour(grey: number): number {
  const level = Math.min(255, Math.round(grey / 6) * 6);
  return (level << 16) | (level << 8) | level;
}

function signOf(grey: number, isModel: boolean, isTruth: boolean): Span {
  if (isModel && isTruth) return span('8', 'strong');
  if (isModel) return span('o', 'orange-strong');
  if (isTruth) return span('x', 'blue-strong');
  return span(
    ramp[Math.min(ramp.length - 1, Math.floor((grey / 256) * ramp.length))] ?? ' ',
    'dim',
  );
}

export function bytesOf(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64');
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** On another grid: the mean of what a pixel covers, or what lies between where it covers less than one. */
function resample(pixels: Uint8Array, from: Size, to: Size): Float32Array {
  const rows = weights(from.height, to.height);
  const columns = weights(from.width, to.width);
  const resampled = new Float32Array(to.height * to.width);
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) {
      let sum = 0;
      for (const [sourceY, weightY] of row) {
        for (const [sourceX, weightX] of column) {
          sum += weightY * weightX * (pixels[sourceY * from.width + sourceX] ?? 0);
        }
      }
      resampled[y * to.width + x] = sum;
    }
  }
  return resampled;
}

/** Of each target place: the source places that it is made of, their shares adding up to one. */
function weights(from: number, to: number): [number, number][][] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, target) => {
    const centre = (target + 0.5) * scale - 0.5;
    const taken: [number, number][] = [];
    let sum = 0;
    for (let at = Math.ceil(centre - reach); at <= Math.floor(centre + reach); at++) {
      const weight = 1 - Math.abs(at - centre) / reach;
      if (weight <= 0) continue;
      taken.push([Math.min(from - 1, Math.max(0, at)), weight]);
      sum += weight;
    }
    return taken.map(([at, weight]): [number, number] => [at, weight / sum]);
  });
}

/** Ultrasound is dark: from the darkest to the brightest but for a few, in all greys. */
function stretch(grey: Float32Array): Float32Array {
  const sorted = grey.toSorted();
  const low = sorted[Math.floor(sorted.length * 0.01)] ?? 0;
  const high = sorted[Math.floor(sorted.length * 0.99)] ?? 255;
  const range = Math.max(1, high - low);
  return grey.map((value) => Math.min(255, Math.max(0, ((value - low) / range) * 255)));
}

/** Pixels of a mask that have a neighbour outside it. */
function outlineOf(share: Float32Array, { height, width }: Size): Uint8Array {
  // A mask too small for any pixel to be half of it must not look like an empty one.
  const most = share.reduce((a, b) => Math.max(a, b), 0);
  const least = Math.max(Number.MIN_VALUE, Math.min(0.4, most));
  const isIn = (y: number, x: number): boolean =>
    y >= 0 && x >= 0 && y < height && x < width && (share[y * width + x] ?? 0) >= least;
  const outline = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isIn(y, x)) continue;
      if (!(isIn(y - 1, x) && isIn(y + 1, x) && isIn(y, x - 1) && isIn(y, x + 1))) {
        outline[y * width + x] = 1;
      }
    }
  }
  return outline;
}
