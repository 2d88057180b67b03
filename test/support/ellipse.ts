/** Centre and half axes in pixels, `major` first; the angle of the major one from x towards y. */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly major: number;
  readonly minor: number;
  readonly angle: number;
}

export function isInside({ x, y, major, minor, angle }: Ellipse, px: number, py: number): boolean {
  const along = ((px - x) * Math.cos(angle) + (py - y) * Math.sin(angle)) / major;
  const across = ((py - y) * Math.cos(angle) - (px - x) * Math.sin(angle)) / minor;
  return along * along + across * across <= 1;
}
