import type { GridSize } from './image.js';

/**
 * From every pixel, the squared distance between its centre and that of the nearest marked one,
 * exact, in time linear in the pixels: the distance transform of Meijster, Roerdink and Hesselink
 * (A General Algorithm for Computing Distance Transforms in Linear Time, 2000).
 *
 * @param marked anything but 0, row-major; without any, every distance is infinite.
 */
export function squaredDistances(marked: Uint8Array, { height, width }: GridSize): Float64Array {
  const distances = new Float64Array(height * width);
  const columns = distancesWithinColumns(marked, height, width);
  /** Lower envelope of the columns' parabolas: whose it is, and from which column on. */
  const owners = new Int32Array(width);
  const from = new Int32Array(width);
  for (let row = 0; row < height; row++) {
    const offset = row * width;
    const heightOf = (column: number): number => columns[offset + column]! ** 2;
    let last = -1;
    for (let column = 0; column < width; column++) {
      if (columns[offset + column] === Number.POSITIVE_INFINITY) continue;
      const square = heightOf(column);
      while (last >= 0) {
        const owner = owners[last]!;
        const start = from[last]!;
        if ((start - owner) ** 2 + heightOf(owner) <= (start - column) ** 2 + square) break;
        last--;
      }
      if (last < 0) {
        last = 0;
        owners[0] = column;
        from[0] = 0;
        continue;
      }
      const owner = owners[last]!;
      // Up to this column the owner is as near.
      const tie = Math.floor(
        (column ** 2 - owner ** 2 + square - heightOf(owner)) / (2 * (column - owner)),
      );
      if (tie + 1 >= width) continue;
      last++;
      owners[last] = column;
      from[last] = tie + 1;
    }
    if (last < 0) {
      distances.fill(Number.POSITIVE_INFINITY, offset, offset + width);
      continue;
    }
    for (let column = width - 1; column >= 0; column--) {
      const owner = owners[last]!;
      distances[offset + column] = (column - owner) ** 2 + heightOf(owner);
      if (column === from[last]) last--;
    }
  }
  return distances;
}

function distancesWithinColumns(marked: Uint8Array, height: number, width: number): Float64Array {
  const distances = new Float64Array(height * width);
  for (let at = 0; at < distances.length; at++) {
    if (marked[at] !== 0) continue;
    distances[at] = at < width ? Number.POSITIVE_INFINITY : distances[at - width]! + 1;
  }
  for (let at = distances.length - width - 1; at >= 0; at--) {
    distances[at] = Math.min(distances[at]!, distances[at + width]! + 1);
  }
  return distances;
}
