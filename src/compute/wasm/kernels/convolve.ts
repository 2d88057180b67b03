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
    'convolve',
    [
      x,
      layout.xImage,
      layout.xRow,
      g.height,
      g.top,
      g.left * g.channels * 4,
      layout.paddedRow,
      layout.paddedImage,
      g.strideWidth * g.channels * 4,
      g.strideHeight * layout.paddedRow,
      g.filterHeight,
      g.filterWidth * g.channels * 4,
      packed,
      packedBias,
      panels,
      filter.columns,
      to.address,
      to.pixel * 4,
      to.row * 4,
      to.image * 4,
      g.outHeight,
      g.outWidth,
      relu ? 0 : Number.NEGATIVE_INFINITY,
      images,
      block,
      g.batch,
    ],
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
  runtime.run('pack', [
    filter.address,
    filter.outer,
    filter.outerStride * 4,
    filter.inner,
    filter.innerStride * 4,
    filter.columns,
    filter.columnStride * 4,
    to,
  ]);
}
