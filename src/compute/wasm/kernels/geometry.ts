import { backend_util, type Conv2DAttrs } from '@tensorflow/tfjs-core';

/** A convolution of NHWC images, whichever way it came about; pads may not be negative. */
export interface Geometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly top: number;
  readonly left: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filters: number;
}

export type Conv2DInfo = backend_util.Conv2DInfo;

/** What our kernels do not do is left to the backend's own. */
export function isSupported(info: Conv2DInfo): boolean {
  return (
    info.dataFormat === 'channelsLast' &&
    info.dilationHeight === 1 &&
    info.dilationWidth === 1 &&
    info.batchSize * info.outHeight * info.outWidth * info.outChannels * info.inChannels > 0
  );
}

export function geometryOf(info: Conv2DInfo): Geometry {
  return {
    batch: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    channels: info.inChannels,
    top: info.padInfo.top,
    left: info.padInfo.left,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    filters: info.outChannels,
  };
}

/** Without neighbours rows need not be told apart: all pixels of an image become one row. */
export function withRowsJoined(g: Geometry): Geometry {
  const isPointwise =
    g.filterHeight * g.filterWidth * g.strideHeight * g.strideWidth === 1 &&
    g.outHeight === g.height &&
    g.outWidth === g.width;
  if (!isPointwise) return g;
  return { ...g, height: 1, width: g.height * g.width, outHeight: 1, outWidth: g.height * g.width };
}

/** Where images lie once their zeros are around them; all in bytes. */
export interface Layout {
  readonly xImage: number;
  readonly xRow: number;
  readonly paddedRow: number;
  readonly paddedImage: number;
  readonly isPadded: boolean;
}

export function layoutOf(g: Geometry): Layout {
  const rows = Math.max((g.outHeight - 1) * g.strideHeight + g.filterHeight, g.top + g.height);
  const columns = Math.max((g.outWidth - 1) * g.strideWidth + g.filterWidth, g.left + g.width);
  const xRow = g.width * g.channels * 4;
  const paddedRow = columns * g.channels * 4;
  return {
    xImage: g.height * xRow,
    xRow,
    paddedRow,
    paddedImage: rows * paddedRow,
    isPadded: rows !== g.height || columns !== g.width,
  };
}

/** How a function steps over images with zeros around them and over a filter's taps, in its parameters' names. */
export function tapsOf(g: Geometry, { xImage, xRow, paddedRow, paddedImage }: Layout) {
  return {
    xImage,
    xRow,
    height: g.height,
    top: g.top,
    left: g.left * g.channels * 4,
    paddedRow,
    paddedImage,
    aPixel: g.strideWidth * g.channels * 4,
    aLine: g.strideHeight * paddedRow,
    segments: g.filterHeight,
  };
}

/** Bytes that stay in a core's second level cache together with all else that a kernel touches. */
export const cacheBytes = 256 * 1024;

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

type Shape4D = [number, number, number, number];

/** What TensorFlow.js makes of a convolution's attributes, be it a pass forward or back. */
export function convolutionInfo(
  inShape: readonly number[],
  filterShape: readonly number[],
  attrs: Omit<Conv2DAttrs, 'dilations'> & Partial<Pick<Conv2DAttrs, 'dilations'>>,
): Conv2DInfo {
  return backend_util.computeConv2DInfo(
    inShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(attrs.dataFormat),
  );
}
