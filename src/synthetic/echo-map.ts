import type { GridSize } from '../operators/image.js';

/** How strongly each pixel's tissue sends sound back, 0..1 and a little more, row-major. */
export interface EchoMap extends GridSize {
  readonly echo: Float32Array;
}

export interface Ellipse {
  /** Centre and radii in pixels. */
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
  /** Radians. */
  readonly tilt: number;
  /** Bulges of the outline: 0 is a true ellipse, 0.1 an irregular one. */
  readonly bulge: number;
  readonly phase: number;
}

/**
 * Visits the pixels around an ellipse: `distance` is 0 at the centre, 1 on the outline and
 * `reach` at most; `dx` and `dy` are pixels from the centre along the ellipse's own axes.
 */
export function aroundEllipse(
  { height, width }: GridSize,
  ellipse: Ellipse,
  reach: number,
  visit: (index: number, distance: number, dx: number, dy: number) => void,
): void {
  const { x: centreX, y: centreY, radiusX, radiusY, tilt, bulge, phase } = ellipse;
  const most = Math.max(radiusX, radiusY) * reach * (1 + bulge);
  const cos = Math.cos(tilt);
  const sin = Math.sin(tilt);
  const cosPhase = Math.cos(phase);
  const sinPhase = Math.sin(phase);
  const bottom = Math.min(height - 1, Math.ceil(centreY + most));
  const right = Math.min(width - 1, Math.ceil(centreX + most));
  for (let y = Math.max(0, Math.floor(centreY - most)); y <= bottom; y++) {
    for (let x = Math.max(0, Math.floor(centreX - most)); x <= right; x++) {
      const dx = (x - centreX) * cos + (y - centreY) * sin;
      const dy = (y - centreY) * cos - (x - centreX) * sin;
      const round = Math.sqrt((dx / radiusX) ** 2 + (dy / radiusY) ** 2);
      if (round > reach * (1 + bulge)) continue;
      // 1 + bulge * (0.6 cos(3 angle + phase) + 0.4 cos(2 angle - 2 phase)), without the angle.
      const radius = Math.sqrt(dx ** 2 + dy ** 2) || 1;
      const c = dx / radius;
      const s = dy / radius;
      const thrice = (4 * c ** 2 - 3) * c * cosPhase - (3 - 4 * s ** 2) * s * sinPhase;
      const twice =
        (2 * c ** 2 - 1) * (2 * cosPhase ** 2 - 1) + 2 * s * c * (2 * sinPhase * cosPhase);
      const outline = 1 + bulge * (0.6 * thrice + 0.4 * twice);
      const distance = round / outline;
      if (distance <= reach) visit(y * width + x, distance, dx, dy);
    }
  }
}

/** Draws towards the echo of something that covers the pixel with this share. */
export function blend({ echo }: EchoMap, index: number, target: number, share: number): void {
  echo[index]! += (target - echo[index]!) * share;
}

/** 1 in the middle, falling off smoothly to nearly 0 at two widths, to nothing at three. */
export function bell(distance: number, width: number): number {
  const square = (distance / width) ** 2;
  return square > 9 ? 0 : Math.exp(-square);
}
