import { winogradGradientSignature } from '../assembly/winograd-gradient.js';
import { winogradGradientOutSignature } from '../assembly/winograd-gradient-out.js';
import type { Runtime } from '../runtime.js';
import { clamp, type Geometry } from './geometry.js';
import { panelColumns } from './pack.js';
import { tilingOf } from './winograd.js';

const positions = 16;
/** Sums of the batch's chunks are kept apart in about as many bytes. */
const partialBytes = 4 * 1024 * 1024;
const mostChunks = 8;

/** Gradient of the filter of a convolution that `suitsWinograd`; all addresses of dense tensors. */
export function winogradGradient(
  runtime: Runtime,
  g: Geometry,
  x: number,
  dy: number,
  dw: number,
  channelRows: number,
): void {
  const panels = g.filters / panelColumns;
  const tiling = tilingOf(g, g.filters * 4);
  const sumBytes = positions * g.channels * g.filters * 4;
  // By shape alone, so that results do not depend on the number of threads.
  const chunks = Math.min(g.batch, clamp(Math.floor(partialBytes / sumBytes), 2, mostChunks));
  const [partial, scratch] = runtime.scratch(
    chunks * sumBytes,
    runtime.threads * tiling.scratchBytes,
  ) as [number, number];
  runtime.run(
    winogradGradientSignature,
    { ...tiling, x, dy, panels, channelRows, partial, chunks, scratch },
    g.batch * g.outHeight * g.outWidth * 9 * g.channels * g.filters,
    Math.ceil(chunks / runtime.threads),
  );
  runtime.run(
    winogradGradientOutSignature,
    { partial, chunks, channels: g.channels, panels, dw },
    chunks * positions * g.channels * g.filters,
  );
}
