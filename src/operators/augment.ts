import type { GridSize } from './image.js';
import { mirrorRows } from './mirror.js';

/** Largest changes; each image draws its own within them. 0 and false change nothing. */
export interface Augmentation {
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** Share of height and width; what comes in from outside is the edge's pixel (0 in the mask). */
  readonly shift: number;
  /** Share by which it grows or shrinks. */
  readonly scale: number;
  /** Degrees to either side. */
  readonly rotation: number;
  /** Share of the grey range that is added or taken away. */
  readonly brightness: number;
  /** Share by which differences from the image's mean grow or shrink. */
  readonly contrast: number;
  /** Standard deviation of noise that multiplies each pixel, as ultrasound has it. */
  readonly speckle: number;
  /** Share of images that are smoothed by a 3x3 mean. */
  readonly blur: number;
}

export const noAugmentation: Augmentation = {
  flipHorizontal: false,
  flipVertical: false,
  shift: 0,
  scale: 0,
  rotation: 0,
  brightness: 0,
  contrast: 0,
  speckle: 0,
  blur: 0,
};

/**
 * Changes one image and its mask alike, in place (a view into a packed batch will do): flips, then
 * turns, scales and shifts about the middle, in one resampling (bilinear; the mask takes the nearest
 * pixel); then contrast, brightness, blur and speckle, of the image alone. What comes in from outside
 * is the image's edge, and 0 in the mask. Always draws ten numbers, so that one setting changes
 * nothing about the others' chance.
 */
export function augmentPair(
  image: Uint8Array,
  mask: Uint8Array,
  size: GridSize,
  augmentation: Augmentation,
  random: () => number,
): void {
  const mirror = random() < 0.5;
  const turn = random() < 0.5;
  const down = random();
  const right = random();
  const growth = (1 + augmentation.scale) ** (2 * random() - 1);
  const angle = ((2 * random() - 1) * augmentation.rotation * Math.PI) / 180;
  const brightness = (2 * random() - 1) * augmentation.brightness * 255;
  const contrast = (1 + augmentation.contrast) ** (2 * random() - 1);
  const isBlurred = random() < augmentation.blur;
  const noise = random();

  if (augmentation.flipHorizontal && mirror) {
    mirrorRows(image, size.width);
    mirrorRows(mask, size.width);
  }
  if (augmentation.flipVertical && turn) {
    flipVertically(image, size);
    flipVertically(mask, size);
  }
  if (growth === 1 && angle === 0) {
    const rows = shiftOf(down, augmentation.shift, size.height);
    const columns = shiftOf(right, augmentation.shift, size.width);
    shiftRows(image, size, rows, 'edge');
    shiftRows(mask, size, rows, 'zero');
    shiftColumns(image, size, columns, 'edge');
    shiftColumns(mask, size, columns, 'zero');
  } else {
    warp(image, mask, size, {
      growth,
      angle,
      down: (2 * down - 1) * augmentation.shift * size.height,
      right: (2 * right - 1) * augmentation.shift * size.width,
    });
  }
  if (contrast !== 1 || brightness !== 0) adjustGreys(image, contrast, brightness);
  if (isBlurred) blur(image, size);
  if (augmentation.speckle > 0) speckle(image, augmentation.speckle, noise);
}

interface Pose {
  readonly growth: number;
  /** Radians, counter-clockwise. */
  readonly angle: number;
  /** Pixels. */
  readonly down: number;
  readonly right: number;
}

/** Each new pixel is read where the inverse of the pose puts it. */
function warp(
  image: Uint8Array,
  mask: Uint8Array,
  { height, width }: GridSize,
  { growth, angle, down, right }: Pose,
): void {
  const [fromImage, fromMask] = [image.slice(), mask.slice()];
  const [cos, sin] = [Math.cos(angle) / growth, Math.sin(angle) / growth];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  let at = 0;
  for (let row = 0; row < height; row++) {
    const y = row - middleY - down;
    let x = -middleX - right;
    for (let column = 0; column < width; column++, at++, x++) {
      const sourceX = cos * x - sin * y + middleX;
      const sourceY = sin * x + cos * y + middleY;
      const inX = sourceX < 0 ? 0 : sourceX > width - 1 ? width - 1 : sourceX;
      const inY = sourceY < 0 ? 0 : sourceY > height - 1 ? height - 1 : sourceY;
      const left = inX | 0;
      const top = inY | 0;
      const shareX = inX - left;
      const shareY = inY - top;
      const upper = top * width + left;
      const next = shareX > 0 ? 1 : 0;
      const lower = shareY > 0 ? upper + width : upper;
      const above = fromImage[upper]! + shareX * (fromImage[upper + next]! - fromImage[upper]!);
      const below = fromImage[lower]! + shareX * (fromImage[lower + next]! - fromImage[lower]!);
      image[at] = above + shareY * (below - above) + 0.5;
      const isInside =
        sourceX > -0.5 && sourceX < width - 0.5 && sourceY > -0.5 && sourceY < height - 0.5;
      mask[at] = isInside ? fromMask[((inY + 0.5) | 0) * width + ((inX + 0.5) | 0)]! : 0;
    }
  }
}

/** Differences from the image's mean times `contrast`, and `brightness` on top; cut off at 0 and 255. */
function adjustGreys(image: Uint8Array, contrast: number, brightness: number): void {
  let sum = 0;
  for (let at = 0; at < image.length; at++) sum += image[at]!;
  const mean = sum / image.length;
  const table = Uint8ClampedArray.from(
    { length: 256 },
    (_, grey) => mean + (grey - mean) * contrast + brightness,
  );
  for (let at = 0; at < image.length; at++) image[at] = table[image[at]!]!;
}

/** The mean of 3x3 pixels, as columns of rows; the edge goes on outside. */
function blur(image: Uint8Array, { height, width }: GridSize): void {
  const rows = new Uint16Array(image.length);
  for (let row = 0; row < height; row++) {
    const start = row * width;
    const end = start + width - 1;
    for (let at = start; at <= end; at++) {
      const before = at > start ? at - 1 : at;
      const after = at < end ? at + 1 : at;
      rows[at] = image[before]! + image[at]! + image[after]!;
    }
  }
  for (let row = 0; row < height; row++) {
    const above = Math.max(0, row - 1) * width;
    const below = Math.min(height - 1, row + 1) * width;
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      image[at] = (rows[above + column]! + rows[at]! + rows[below + column]! + 4) / 9;
    }
  }
}

/** Times 1 + noise, triangular of the given standard deviation. */
function speckle(image: Uint8Array, deviation: number, seed: number): void {
  // A number a pixel: a generator of two operations, started from the image's own chance.
  let state = Math.floor(seed * 0x1_0000_0000) | 1;
  const strength = (deviation * Math.sqrt(6)) / 0x1_0000;
  for (let at = 0; at < image.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const noise = ((state >>> 16) - ((Math.imul(state, 69069) + 1) >>> 16)) * strength;
    const grey = image[at]! * (1 + noise) + 0.5;
    image[at] = grey > 255 ? 255 : grey < 0 ? 0 : grey;
  }
}

type Fill = 'edge' | 'zero';

/** Whole pixels in -share*length..share*length; at least one row or column of the image stays. */
function shiftOf(chance: number, share: number, length: number): number {
  const most = Math.min(Math.floor(share * length), length - 1);
  return Math.floor(chance * (2 * most + 1)) - most;
}

function flipVertically(pixels: Uint8Array, { height, width }: GridSize): void {
  for (let top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
    let upper = top * width;
    let lower = bottom * width;
    for (const end = upper + width; upper < end; ) {
      const kept = pixels[upper]!;
      pixels[upper++] = pixels[lower]!;
      pixels[lower++] = kept;
    }
  }
}

/** Down when `by` is positive, up when negative. */
function shiftRows(pixels: Uint8Array, { height, width }: GridSize, by: number, fill: Fill): void {
  if (by === 0) return;
  const length = height * width;
  const gap = Math.abs(by) * width;
  if (by > 0) pixels.copyWithin(gap, 0, length - gap);
  else pixels.copyWithin(0, gap, length);
  const from = by > 0 ? 0 : length - gap;
  if (fill === 'zero') {
    pixels.fill(0, from, from + gap);
    return;
  }
  const edge = by > 0 ? gap : length - gap - width;
  for (let to = from; to < from + gap; to += width) pixels.copyWithin(to, edge, edge + width);
}

/** To the right when `by` is positive, to the left when negative. */
function shiftColumns(
  pixels: Uint8Array,
  { height, width }: GridSize,
  by: number,
  fill: Fill,
): void {
  if (by === 0) return;
  const gap = Math.abs(by);
  for (let row = 0; row < height; row++) {
    const start = row * width;
    const end = start + width;
    const value = fill === 'zero' ? 0 : pixels[by > 0 ? start : end - 1]!;
    if (by > 0) {
      pixels.copyWithin(start + gap, start, end - gap);
      pixels.fill(value, start, start + gap);
    } else {
      pixels.copyWithin(start, start + gap, end);
      pixels.fill(value, end - gap, end);
    }
  }
}
