export interface Size {
  readonly height: number;
  readonly width: number;
}

/** On another grid: the mean of what a pixel covers, or what lies between where it covers less than one. */
export function resample(pixels: Uint8Array, from: Size, to: Size): Float32Array {
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
