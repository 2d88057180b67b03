import type { Picture } from '../../events.js';
import { sharp } from '../../operators/configured-sharp.js';
import { pictureMask } from '../../operators/preview-picture.js';
import type { Outlines } from '../layout/toned-line.js';
import { stretchOf } from './contrast.js';
import { isModelsTurn, modelColour, truthColour } from './outline-colours.js';

/** A picture in few colours. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Place of each pixel's colour in `palette`, row by row. */
  readonly pixels: Uint8Array;
  /** 0xRRGGBB, the greys first, from dark to bright. */
  readonly palette: readonly number[];
}

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** Widths of the picture in pixels that one pixel of an outline takes. */
const outlineShare = 150;

/** The picture with its outlines on a finer grid, in so many greys. Resized off this thread. */
export async function rasterOf(
  picture: Picture,
  size: PixelSize,
  outlines: Outlines,
  greys: number,
): Promise<Raster> {
  const grey: Uint8Array = Buffer.from(picture.image, 'base64');
  const stretch = stretchOf(grey);
  const [image, model, truth] = await Promise.all([
    resized(
      grey.map((value) => Math.round(stretch(value))),
      picture,
      size,
    ),
    outlines.model ? insideOf(picture.mask, picture, size) : null,
    outlines.truth && picture.truth !== undefined ? insideOf(picture.truth, picture, size) : null,
  ]);
  const pixels = image.map((grey) => Math.round((grey / 255) * (greys - 1)));
  const thickness = Math.max(1, Math.round(size.width / outlineShare));
  const dash = 3 * thickness + 1;
  const modelEdge = model && edgeOf(model, size, thickness);
  const truthEdge = truth && edgeOf(truth, size, thickness);
  for (let at = 0; at < pixels.length; at++) {
    const isModel = modelEdge?.[at] === 1;
    const isTruth = truthEdge?.[at] === 1;
    if (!isModel && !isTruth) continue;
    const x = at % size.width;
    const isModels = isModel && (!isTruth || isModelsTurn(x, (at - x) / size.width, dash));
    pixels[at] = greys + (isModels ? 0 : 1);
  }
  const shades = Array.from({ length: greys }, (_, shade) => {
    const level = Math.round((shade / (greys - 1)) * 255);
    return (level << 16) | (level << 8) | level;
  });
  return { ...size, pixels, palette: [...shades, modelColour, truthColour] };
}

async function resized(grey: Uint8Array, from: PixelSize, to: PixelSize): Promise<Uint8Array> {
  return sharp(grey, { raw: { width: from.width, height: from.height, channels: 1 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/** Where the mask is, as pixels of 0 and 1; a mask too small for the grid keeps its best pixels. */
async function insideOf(bits: string, from: PixelSize, to: PixelSize): Promise<Uint8Array> {
  const mask = pictureMask(bits, from).map((inside) => inside * 255);
  const share = await resized(mask, from, to);
  const most = share.reduce((a, b) => Math.max(a, b), 0);
  const least = Math.max(1, Math.min(128, most));
  return share.map((value) => Number(value >= least));
}

/** Pixels inside that are at most so far from the outside. */
function edgeOf(inside: Uint8Array, { width, height }: PixelSize, thickness: number): Uint8Array {
  const edge = new Uint8Array(inside.length);
  const isIn = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x] === 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (inside[at] !== 1) continue;
      const isDeep =
        isIn(x - thickness, y) &&
        isIn(x + thickness, y) &&
        isIn(x, y - thickness) &&
        isIn(x, y + thickness);
      if (!isDeep) edge[at] = 1;
    }
  }
  return edge;
}
