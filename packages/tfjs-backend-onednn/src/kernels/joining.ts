import {
  backend_util,
  Concat,
  type KernelConfig,
  Slice,
  SplitV,
  slice_util,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { type Activation, addon, Layout } from '../addon.js';
import type { OnednnBackend } from '../backend.js';
import { type Entry, type Shape4D, size } from '../entry.js';
import { allocate, isBlocked, shape4D } from '../layout.js';
import { attribute, input, isEmpty, isFloat, type KernelCall, nativeKernel } from './kernel.js';

/**
 * A tensor as a matrix whose columns an axis divides: row-major, a row is what comes before the
 * axis; blocked and along the channels, a row is one image.
 */
interface Columns {
  rows: number;
  /** Values a row for each step along the axis. */
  unit: number;
}

function columns(shape: readonly number[], axis: number, blocked: boolean): Columns {
  if (blocked) return { rows: shape[0]!, unit: shape[1]! * shape[2]! };
  return { rows: size(shape.slice(0, axis)), unit: size(shape.slice(axis + 1)) };
}

function make(backend: OnednnBackend, layout: Layout, shape: number[], values: Activation) {
  const entry = backend.newEntry().setLayout(layout, shape as Shape4D, values);
  return backend.wrap(entry, shape);
}

function valuesIn(entry: Entry, layout: Layout, shape: number[]): Activation {
  return layout === Layout.nhwcF32 ? entry.floats() : entry.in(layout, shape as Shape4D);
}

/** A blocked layout that some tensor is in and that channel counts allow. */
function channelLayout(
  backend: OnednnBackend,
  tensors: TensorInfo[],
  axis: number,
  widths: readonly number[],
): Layout {
  if (axis !== 3 || widths.some((w) => w % 16 !== 0)) return Layout.nhwcF32;
  for (const tensor of tensors) {
    const shape = shape4D(tensor.shape);
    const layout = shape && backend.entry(tensor).layoutFor(shape);
    if (layout !== undefined && isBlocked(layout)) return layout;
  }
  return Layout.nhwcF32;
}

function concat(call: KernelCall): TensorInfo | undefined {
  const tensors = Object.values(call.inputs) as TensorInfo[];
  const first = tensors[0];
  if (!first || tensors.length < 2 || !isFloat(...tensors) || isEmpty(...tensors)) return undefined;
  const { backend } = call;
  const axis = util.parseAxisParam(attribute<number>(call, 'axis'), first.shape)[0]!;
  const shapes = tensors.map((t) => t.shape);
  backend_util.assertParamsConsistent(shapes, axis);
  const shape = backend_util.computeOutShape(shapes, axis);
  const widths = shapes.map((s) => s[axis]!);
  const layout = channelLayout(backend, tensors, axis, widths);
  const out = allocate(backend, layout, size(shape));
  const { rows, unit } = columns(shape, axis, isBlocked(layout));
  let at = 0;
  tensors.forEach((tensor, i) => {
    const width = widths[i]! * unit;
    const values = valuesIn(backend.entry(tensor), layout, tensor.shape);
    addon().copyColumns(values, width, 0, out, shape[axis]! * unit, at, rows, width);
    at += width;
  });
  return make(backend, layout, shape, out);
}

/** Steps from..from+width along an axis. */
function cut(
  backend: OnednnBackend,
  x: TensorInfo,
  axis: number,
  from: number,
  width: number,
  layout: Layout,
): TensorInfo {
  const shape = x.shape.map((dim, d) => (d === axis ? width : dim));
  const out = allocate(backend, layout, size(shape));
  const { rows, unit } = columns(x.shape, axis, isBlocked(layout));
  const values = valuesIn(backend.entry(x), layout, x.shape);
  const pitch = x.shape[axis]! * unit;
  addon().copyColumns(values, pitch, from * unit, out, width * unit, 0, rows, width * unit);
  return make(backend, layout, shape, out);
}

function splitV(call: KernelCall): TensorInfo[] | undefined {
  const x = input(call, 'x');
  if (!isFloat(x) || isEmpty(x)) return undefined;
  const axis = util.parseAxisParam(attribute<number>(call, 'axis'), x.shape)[0]!;
  const sizes = backend_util.prepareSplitSize(
    // Only the shape is looked at.
    x as Parameters<typeof backend_util.prepareSplitSize>[0],
    attribute<number | number[]>(call, 'numOrSizeSplits'),
    axis,
  );
  if (sizes.some((s) => s === 0)) return undefined;
  const layout = channelLayout(call.backend, [x], axis, sizes);
  let from = 0;
  return sizes.map((width) => {
    const part = cut(call.backend, x, axis, from, width, layout);
    from += width;
    return part;
  });
}

/** Slices along one axis; others are cpu's. */
function slice(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isFloat(x) || isEmpty(x)) return undefined;
  const [begin, extent] = slice_util.parseSliceParams(
    // Only the shape is looked at.
    x as Parameters<typeof slice_util.parseSliceParams>[0],
    attribute<number | number[]>(call, 'begin'),
    attribute<number | number[]>(call, 'size'),
  ) as [number[], number[]];
  slice_util.assertParamsValid(
    x as Parameters<typeof slice_util.assertParamsValid>[0],
    begin,
    extent,
  );
  const cuts = x.shape.flatMap((dim, d) => (extent[d] !== dim ? [d] : []));
  if (cuts.length !== 1 || size(extent) === 0) return undefined;
  const axis = cuts[0]!;
  const [from, width] = [begin[axis]!, extent[axis]!];
  const layout = channelLayout(call.backend, [x], axis, [from, width]);
  return cut(call.backend, x, axis, from, width, layout);
}

export const joiningKernels = (): KernelConfig[] => [
  nativeKernel(Concat, concat),
  nativeKernel(SplitV, splitV),
  nativeKernel(Slice, slice),
];
