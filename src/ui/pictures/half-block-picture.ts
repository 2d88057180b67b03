import type { Picture } from '../../events.js';
import { pictureMask } from '../../operators/preview-picture.js';
import { type Line, type Outlines, type Span, span } from '../layout/toned-line.js';
import type { Theme } from '../terminal/theme.js';
import { stretchOf } from './contrast.js';
import type { CellSize } from './fit-picture.js';
import { isModelsTurn, modelColour, truthColour } from './outline-colours.js';
import { resample, type Size } from './resample.js';

/** From dark to bright, for terminals of few colours. */
const ramp = ' .:-=+*#%@';

/** A picture in half-blocks, or in signs of more and less ink where colours are few. Pure. */
export function drawPicture(
  picture: Picture,
  { columns, rows }: CellSize,
  outlines: Outlines,
  theme: Theme,
): Line[] {
  const size = { height: rows * 2, width: columns };
  const sampled = resample(Buffer.from(picture.image, 'base64'), picture, size);
  const grey = sampled.map(stretchOf(sampled));
  const outline = (bits: string | undefined): Uint8Array | null =>
    bits === undefined
      ? null
      : outlineOf(resample(pictureMask(bits, picture), picture, size), size);
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
