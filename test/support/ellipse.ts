/** Centre and half axes in pixels, `major` first; the angle of the major one from x towards y. */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly major: number;
  readonly minor: number;
  readonly angle: number;
}

/**
 * The ellipse through points (x, y by turns), least squares of the conic
 * a x² + b xy + c y² + d x + e y + f with a + c = 1; an arc will do. Null where there are fewer than
 * five points or no ellipse fits.
 */
export function fitEllipse(points: ArrayLike<number>): Ellipse | null {
  const count = points.length / 2;
  if (count < 5) return null;
  const { x: meanX, y: meanY, scale } = spreadOf(points);
  if (scale === 0) return null;

  // a (x² - y²) + b xy + d x + e y + f = -y², of points about 0 and of about 1.
  const rows = Array.from({ length: 5 }, () => new Float64Array(6));
  const terms = new Float64Array(6);
  for (let at = 0; at < points.length; at += 2) {
    const x = (points[at]! - meanX) / scale;
    const y = (points[at + 1]! - meanY) / scale;
    terms.set([x * x - y * y, x * y, x, y, 1, -y * y]);
    for (let row = 0; row < 5; row++)
      for (let column = 0; column < 6; column++)
        rows[row]![column]! += terms[row]! * terms[column]!;
  }
  const solved = solve(rows);
  if (solved === null) return null;
  const [a, b, d, e, f] = solved as [number, number, number, number, number];
  const ellipse = ofConic(a, b, 1 - a, d, e, f);
  if (ellipse === null) return null;
  return {
    x: ellipse.x * scale + meanX,
    y: ellipse.y * scale + meanY,
    major: ellipse.major * scale,
    minor: ellipse.minor * scale,
    angle: ellipse.angle,
  };
}

export function isInside({ x, y, major, minor, angle }: Ellipse, px: number, py: number): boolean {
  const along = ((px - x) * Math.cos(angle) + (py - y) * Math.sin(angle)) / major;
  const across = ((py - y) * Math.cos(angle) - (px - x) * Math.sin(angle)) / minor;
  return along * along + across * across <= 1;
}

/** Circumference by Ramanujan's second formula: exact to a billionth for a head. */
export function circumferenceOf({ major, minor }: Ellipse): number {
  const h = ((major - minor) / (major + minor)) ** 2;
  return Math.PI * (major + minor) * (1 + (3 * h) / (10 + Math.sqrt(4 - 3 * h)));
}

function ofConic(a: number, b: number, c: number, d: number, e: number, f: number): Ellipse | null {
  const determinant = 4 * a * c - b * b;
  if (!(determinant > 0)) return null;
  const x = (b * e - 2 * c * d) / determinant;
  const y = (b * d - 2 * a * e) / determinant;
  // a x² + b xy + c y² about the centre is this.
  const level = -(f + (d * x + e * y) / 2);
  const turned = Math.hypot(a - c, b);
  const [least, most] = [(a + c - turned) / 2, (a + c + turned) / 2];
  if (!(level / most > 0)) return null;
  const major = Math.sqrt(level / least);
  const minor = Math.sqrt(level / most);
  return { x, y, major, minor, angle: Math.atan2(-b, c - a) / 2 };
}

function spreadOf(points: ArrayLike<number>): { x: number; y: number; scale: number } {
  const count = points.length / 2;
  let [x, y, squares] = [0, 0, 0];
  for (let at = 0; at < points.length; at += 2) {
    x += points[at]! / count;
    y += points[at + 1]! / count;
  }
  for (let at = 0; at < points.length; at += 2) {
    squares += (points[at]! - x) ** 2 + (points[at + 1]! - y) ** 2;
  }
  return { x, y, scale: Math.sqrt(squares / count) };
}

/** Gauss with pivots, in place; null where the equations do not tell. */
function solve(rows: Float64Array[]): number[] | null {
  const size = rows.length;
  for (let step = 0; step < size; step++) {
    let best = step;
    for (let row = step + 1; row < size; row++) {
      if (Math.abs(rows[row]![step]!) > Math.abs(rows[best]![step]!)) best = row;
    }
    [rows[step], rows[best]] = [rows[best]!, rows[step]!];
    const pivot = rows[step]!;
    if (Math.abs(pivot[step]!) < 1e-12) return null;
    for (let row = 0; row < size; row++) {
      if (row === step) continue;
      const share = rows[row]![step]! / pivot[step]!;
      for (let column = step; column <= size; column++)
        rows[row]![column]! -= share * pivot[column]!;
    }
  }
  return rows.map((row, nth) => row[size]! / row[nth]!);
}
