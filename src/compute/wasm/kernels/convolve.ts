import { convolveSignature } from '../assembly/convolve.js';
import { packSignature } from '../assembly/pack.js';
import type { Runtime } from '../runtime.js';
import { cacheBytes, clamp, type Geometry, layoutOf } from './geometry.js';

/** A part repeats little: only the zeros around images. */
const partsPerThread = 4;
/** Columns of a panel of packed filters. */
const panelColumns = 8;

/** A filter as a matrix of taps by output channels, wherever its values lie; strides in float32. */
export interface FilterView {
  readonly address: number;
  readonly outer: number;
  readonly outerStride: number;
  readonly inner: number;
  readonly innerStride: number;
  readonly columns: number;
  readonly columnStride: number;
}

/** Where results go; strides in float32. */
export interface Destination {
  readonly address: number;
  readonly pixel: number;
  readonly row: number;
  readonly image: number;
}

export interface Epilogue {
  /** Address of one value per output channel. */
  readonly bias?: number;
  readonly relu?: boolean;
}

/** out[n, y, x, k] = sum over r, s, c of x[n, y * stride + r - top, x * stride + s - left, c] * filter[r, s, c, k] */
export function convolve(
  runtime: Runtime,
  g: Geometry,
  x: number,
  filter: FilterView,
  to: Destination,
  { bias, relu = false }: Epilogue = {},
): void {
  const layout = layoutOf(g);
  const panels = Math.ceil(filter.columns / panelColumns);
  const taps = filter.outer * filter.inner;
  const block = clamp(Math.floor(cacheBytes / layout.paddedImage), 1, g.batch);
  const [packed, packedBias, images] = runtime.scratch(
    panels * taps * panelColumns * 4,
    panels * panelColumns * 4,
    layout.isPadded ? runtime.threads * block * layout.paddedImage : 0,
  ) as [number, number, number];
  pack(runtime, filter, packed);
  if (bias === undefined) runtime.clear(packedBias, panels * panelColumns * 4);
  else pack(runtime, rowView(bias, filter.columns), packedBias);
  runtime.run(
    convolveSignature,
    {
      x,
      xImage: layout.xImage,
      xRow: layout.xRow,
      height: g.height,
      top: g.top,
      left: g.left * g.channels * 4,
      paddedRow: layout.paddedRow,
      paddedImage: layout.paddedImage,
      aPixel: g.strideWidth * g.channels * 4,
      aLine: g.strideHeight * layout.paddedRow,
      segments: g.filterHeight,
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

function rowView(address: number, columns: number): FilterView {
  return {
    address,
    outer: 1,
    outerStride: 0,
    inner: 1,
    innerStride: 0,
    columns,
    columnStride: 1,
  };
}

/** Into panels of 8 columns, zeros where the last has fewer. */
function pack(runtime: Runtime, filter: FilterView, to: number): void {
  runtime.run(
    packSignature,
    {
      from: filter.address,
      outer: filter.outer,
      outerStride: filter.outerStride * 4,
      inner: filter.inner,
      innerStride: filter.innerStride * 4,
      columns: filter.columns,
      columnStride: filter.columnStride * 4,
      to,
    },
    filter.outer * filter.inner * filter.columns,
  );
}
