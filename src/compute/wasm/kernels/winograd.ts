import { winogradFilterSignature, winogradSignature } from '../assembly/winograd.js';
import type { Runtime } from '../runtime.js';
import { cacheBytes, clamp, type Geometry } from './geometry.js';
import {
  type Destination,
  type Epilogue,
  type FilterView,
  packBias,
  packFilter,
  panelColumns,
} from './pack.js';

const positions = 16;
const partsPerThread = 4;
/** Tiles that should pass over the filters together, so that these are not read for a few only. */
const leastTiles = 48;

/** 3x3 stride 1 with whole vectors of channels and filters; few channels are not worth transforming. */
export function suitsWinograd(g: Geometry): boolean {
  return (
    g.filterHeight === 3 &&
    g.filterWidth === 3 &&
    g.strideHeight === 1 &&
    g.strideWidth === 1 &&
    g.channels % 4 === 0 &&
    g.channels >= 8 &&
    g.filters % panelColumns === 0
  );
}

/** As `convolve`, for what `suitsWinograd`; the destination must be dense. */
export function winograd(
  runtime: Runtime,
  g: Geometry,
  x: number,
  filter: FilterView,
  to: Destination,
  { bias, relu = false }: Epilogue,
): void {
  const panels = filter.columns / panelColumns;
  const outPixel = filter.columns * 4;
  const tiling = tilingOf(g, outPixel);
  const [packed, u, packedBias, zeros, scratch] = runtime.scratch(
    9 * g.channels * outPixel,
    positions * g.channels * outPixel,
    outPixel,
    panelColumns * 4,
    runtime.threads * tiling.scratchBytes,
  ) as [number, number, number, number, number];
  packFilter(runtime, filter, packed);
  runtime.run(
    winogradFilterSignature,
    { packed, channels: g.channels, panels, u },
    positions * g.channels * filter.columns,
  );
  packBias(runtime, bias, filter.columns, packedBias);
  runtime.clear(zeros, panelColumns * 4);
  runtime.run(
    winogradSignature,
    {
      ...tiling,
      x,
      u,
      panels,
      bias: packedBias,
      zeros,
      out: to.address,
      outPixel,
      floorF32: relu ? 0 : Number.NEGATIVE_INFINITY,
      scratch,
    },
    g.batch * g.outHeight * g.outWidth * 9 * g.channels * filter.columns,
    partsPerThread,
  );
}

/**
 * How images are cut into tiles of 2x2 outputs, strips and blocks, in the names of the WebAssembly
 * functions' parameters. A strip of tiles holds 16 planes of inputs and 16 of `outPixel` bytes a tile.
 */
export function tilingOf(g: Geometry, outPixel: number) {
  const tileRows = Math.ceil(g.outHeight / 2);
  const tileColumns = Math.ceil(g.outWidth / 2);
  const pixel = g.channels * 4;
  const rows = Math.max(2 * tileRows + 2, g.top + g.height);
  const paddedRow = Math.max(2 * tileColumns + 2, g.left + g.width) * pixel;
  const paddedImage = rows * paddedRow;
  const block = clamp(Math.floor(cacheBytes / paddedImage), 1, g.batch);
  const lineBytes = tileColumns * positions * (pixel + outPixel);
  const strip = clamp(
    Math.max(Math.floor(cacheBytes / lineBytes), Math.ceil(leastTiles / tileColumns)),
    1,
    block * tileRows,
  );
  return {
    xImage: g.height * g.width * pixel,
    xRow: g.width * pixel,
    height: g.height,
    top: g.top,
    left: g.left * pixel,
    paddedRow,
    paddedImage,
    pixel,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    tileRows,
    tileColumns,
    strip,
    scratchBytes: block * paddedImage + strip * lineBytes,
    block,
    batch: g.batch,
  };
}
