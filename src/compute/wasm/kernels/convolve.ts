import { convolveSignature } from '../assembly/convolve.js';
import type { Runtime } from '../runtime.js';
import { cacheBytes, clamp, type Geometry, layoutOf, tapsOf } from './geometry.js';
import {
  type Destination,
  type Epilogue,
  type FilterView,
  packBias,
  packFilter,
  panelColumns,
} from './pack.js';
import { suitsWinograd, winograd } from './winograd.js';

/** A part repeats little: only the zeros around images. */
const partsPerThread = 4;

/** out[n, y, x, k] = sum over r, s, c of x[n, y * stride + r - top, x * stride + s - left, c] * filter[r, s, c, k] */
export function convolve(
  runtime: Runtime,
  g: Geometry,
  x: number,
  filter: FilterView,
  to: Destination,
  { bias, relu = false }: Epilogue = {},
): void {
  if (suitsWinograd(g)) {
    winograd(runtime, g, x, filter, to, { bias, relu });
    return;
  }
  const layout = layoutOf(g);
  const panels = Math.ceil(filter.columns / panelColumns);
  const taps = filter.outer * filter.inner;
  const block = clamp(Math.floor(cacheBytes / layout.paddedImage), 1, g.batch);
  const [packed, packedBias, images] = runtime.scratch(
    panels * taps * panelColumns * 4,
    panels * panelColumns * 4,
    layout.isPadded ? runtime.threads * block * layout.paddedImage : 0,
  ) as [number, number, number];
  packFilter(runtime, filter, packed);
  packBias(runtime, bias, filter.columns, packedBias);
  runtime.run(
    convolveSignature,
    {
      x,
      ...tapsOf(g, layout),
      segmentBytes: g.filterWidth * g.channels * 4,
      b: packed,
      bias: packedBias,
      tiles: panels,
      columns: filter.columns,
      c: to.address,
      cPixel: to.pixel * 4,
      cRow: to.row * 4,
      cImage: to.image * 4,
      rows: g.outHeight,
      pixels: g.outWidth,
      floorF32: relu ? 0 : Number.NEGATIVE_INFINITY,
      scratch: images,
      block,
      batch: g.batch,
    },
    g.batch * g.outHeight * g.outWidth * taps * filter.columns,
    partsPerThread,
  );
}
