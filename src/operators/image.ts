/** A grid of pixels; the design writes it `height x width`, e.g. 64x80. */
export interface GridSize {
  readonly height: number;
  readonly width: number;
}

/** A grey image, 8 bits, row-major. */
export interface GreyImage extends GridSize {
  readonly data: Uint8Array;
}

export function isSameSize(a: GridSize, b: GridSize): boolean {
  return a.height === b.height && a.width === b.width;
}
