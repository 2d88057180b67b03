import type { Region } from '../../src/formats/frames.js';
import type { GreyImage, GridSize } from '../../src/operators/image.js';
import { type Ellipse, isInside } from '../support/ellipse.js';

export function areaOf({ data }: GreyImage): number {
  return data.reduce((sum, value) => sum + value, 0);
}

export function ellipseMask({ height, width }: GridSize, ellipse: Ellipse): GreyImage {
  const data = Uint8Array.from({ length: height * width }, (_, at) =>
    isInside(ellipse, at % width, Math.floor(at / width)) ? 1 : 0,
  );
  return { height, width, data };
}

/** What of a figure lies within `thickness` pixels of its outside. */
export function ringOf({ height, width, data }: GreyImage, thickness = 2): GreyImage {
  let inner = data;
  for (let step = 0; step < thickness; step++) {
    const before = inner;
    inner = before.map((value, at) => {
      const column = at % width;
      const around = [
        column > 0 ? before[at - 1] : 0,
        column < width - 1 ? before[at + 1] : 0,
        before[at - width],
        before[at + width],
      ];
      return value === 1 && around.every((other) => other === 1) ? 1 : 0;
    });
  }
  return { height, width, data: data.map((value, at) => value - inner[at]!) };
}

export function cropped(image: GreyImage, { top, left, bottom, right }: Region): GreyImage {
  const [height, width] = [bottom - top, right - left];
  const data = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    const start = (row + top) * image.width;
    data.set(image.data.subarray(start + left, start + right), row * width);
  }
  return { height, width, data };
}

/** The ellipse of a figure's own moments of area. */
export function ellipseOfArea({ height, width, data }: GreyImage): Ellipse {
  let [count, sumX, sumY, xx, xy, yy] = [0, 0, 0, 0, 0, 0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (data[at] === 0) continue;
      count++;
      sumX += column;
      sumY += row;
      xx += column * column;
      xy += column * row;
      yy += row * row;
    }
  }
  const [x, y] = [sumX / count, sumY / count];
  const [a, b, c] = [xx / count - x * x, xy / count - x * y, yy / count - y * y];
  const turned = Math.hypot(a - c, 2 * b);
  const major = 2 * Math.sqrt((a + c + turned) / 2);
  const minor = 2 * Math.sqrt((a + c - turned) / 2);
  return { x, y, major, minor, angle: Math.atan2(2 * b, a - c) / 2 };
}
