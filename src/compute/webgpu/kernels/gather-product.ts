import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { type ProductKind, productCode } from './gather-product-code.js';
import { componentsOf, runShader } from './shader.js';
import { type Finish, sumSplits } from './sum-splits.js';
import { chooseSplit, chooseTile, type Tile, threadsOf } from './tiles.js';

type Geometry = backend_util.Conv2DInfo;

/** y = finish(x * filter): x [N,H,W,C], filter [h,w,C,K], any stride and padding, NHWC. */
export function convolve(
  backend: WebGPUBackend,
  x: TensorInfo,
  filter: TensorInfo,
  geometry: Geometry,
  finish: Finish = { activation: 'linear', bias: null },
  tile?: Tile,
): TensorInfo {
  const g = geometry;
  return gatherProduct(backend, x, filter, finish, {
    kind: 'convolution',
    geometry,
    tile,
    rows: g.batchSize * g.outHeight * g.outWidth,
    columns: g.outChannels,
    summed: g.filterHeight * g.filterWidth * g.inChannels,
    classes: 1,
    source: [g.inHeight, g.inWidth, g.inChannels],
    result: [g.batchSize, g.outHeight, g.outWidth, g.outChannels],
  });
}

/**
 * The gradient of a convolution by its input; also a transposed convolution. With stride s, the
 * pixels of the result fall into s x s classes, each of which meets its own taps of the filter only.
 */
export function convolveBack(
  backend: WebGPUBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  geometry: Geometry,
  tile?: Tile,
): TensorInfo {
  const g = geometry;
  const stride = g.strideHeight;
  const taps = Math.ceil(g.filterHeight / stride) * Math.ceil(g.filterWidth / stride);
  const linear: Finish = { activation: 'linear', bias: null };
  return gatherProduct(backend, dy, filter, linear, {
    kind: 'input gradient',
    geometry,
    tile,
    rows: g.batchSize * Math.ceil(g.inHeight / stride) * Math.ceil(g.inWidth / stride),
    columns: g.inChannels,
    summed: taps * g.outChannels,
    classes: stride * stride,
    source: [g.outHeight, g.outWidth, g.outChannels],
    result: [g.batchSize, g.inHeight, g.inWidth, g.inChannels],
  });
}

/**
 * Both are one product of matrices: a row for each pixel of the result, gathered from the source tap
 * by tap; a column for each channel of the result.
 */
interface Product {
  readonly kind: ProductKind;
  readonly geometry: Geometry;
  /** Instead of the one that suits. */
  readonly tile: Tile | undefined;
  /** Of one class. */
  readonly rows: number;
  readonly columns: number;
  readonly summed: number;
  readonly classes: number;
  readonly source: readonly [height: number, width: number, channels: number];
  readonly result: readonly number[];
}

function gatherProduct(
  backend: WebGPUBackend,
  source: TensorInfo,
  filter: TensorInfo,
  finish: Finish,
  product: Product,
): TensorInfo {
  const { geometry: g, kind, rows, columns, summed, classes } = product;
  const tile = product.tile ?? chooseTile(backend, rows * classes, columns);
  const rowTiles = Math.ceil(rows / tile.height);
  const columnTiles = Math.ceil(columns / tile.width);
  const { splits, steps } = chooseSplit(rowTiles * columnTiles * classes, summed);
  const [sourceHeight, sourceWidth, sourceChannels] = product.source;
  const sourceComponents = componentsOf(sourceChannels);
  const columnComponents = componentsOf(columns);
  // Where it is split, the second pass finishes.
  const finishHere: Finish = splits === 1 ? finish : { activation: 'linear', bias: null };
  // Four at a time along the filter's last axis: columns forward, channels back.
  const filterComponents = kind === 'convolution' ? columnComponents : sourceComponents;
  const partial = runShader(
    backend,
    {
      key: [
        'gather',
        kind,
        tile.height,
        tile.width,
        tile.rows,
        sourceComponents,
        columnComponents,
        finishHere.activation,
        finishHere.bias !== null,
      ].join(' '),
      inputs: [
        { name: 'source', components: sourceComponents },
        { name: 'weights', components: filterComponents },
        ...(finishHere.bias ? [{ name: 'bias', components: 1 } as const] : []),
      ],
      outputShape: splits === 1 ? product.result : [splits, ...product.result],
      outputComponents: columnComponents,
      workgroupSize: threadsOf(tile),
      grid: 'blocks',
      workgroups: [rowTiles, columnTiles, classes * splits],
      uniforms: {
        batch: g.batchSize,
        resultHeight: product.result[1]!,
        resultWidth: product.result[2]!,
        columns,
        sourceHeight,
        sourceWidth,
        channels: sourceChannels,
        filterHeight: g.filterHeight,
        filterWidth: g.filterWidth,
        stride: g.strideHeight,
        padTop: g.padInfo.top,
        padLeft: g.padInfo.left,
        classes,
        steps,
      },
      code: productCode(kind, tile, sourceComponents, columnComponents, finishHere),
    },
    [source, filter, ...(finishHere.bias ? [finishHere.bias] : [])],
  );
  if (splits === 1) return partial;
  const whole = sumSplits(backend, partial, product.result, finish);
  backend.disposeData(partial.dataId);
  return whole;
}
