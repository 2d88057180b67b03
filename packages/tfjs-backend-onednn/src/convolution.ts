import type { backend_util } from '@tensorflow/tfjs-core';
import { type Activation, addon, Layout } from './addon.js';
import type { OnednnBackend } from './backend.js';
import type { Deferred, Entry, Shape4D } from './entry.js';
import { allocate, extentOf, nativeLayout } from './layout.js';
import { ConvKind } from './plans.js';

type Info = backend_util.Conv2DInfo;

/** A convolution (`forward`) or transposed convolution (`data`) waiting for its bias and relu. */
export class DeferredConvolution implements Deferred {
  readonly inputs: readonly Entry[];

  constructor(
    private readonly backend: OnednnBackend,
    readonly kind: 'forward' | 'data',
    private readonly x: Entry,
    private readonly filter: Entry,
    private readonly info: Info,
    readonly bias?: Entry,
  ) {
    this.inputs = bias ? [x, filter, bias] : [x, filter];
  }

  get channels(): number {
    return this.kind === 'forward' ? this.info.outChannels : this.info.inChannels;
  }

  withBias(bias: Entry): DeferredConvolution {
    return new DeferredConvolution(this.backend, this.kind, this.x, this.filter, this.info, bias);
  }

  run(out: Entry): void {
    this.runInto(out, false);
  }

  runInto(out: Entry, relu: boolean): void {
    const { backend, x, filter, info, bias } = this;
    if (this.kind === 'forward') convolve(backend, x, filter, info, bias, relu, out);
    else convolveData(backend, x, filter, info, bias, relu, out);
  }
}

function inShape(i: Info): Shape4D {
  return [i.batchSize, i.inHeight, i.inWidth, i.inChannels];
}

function outShape(i: Info): Shape4D {
  return [i.batchSize, i.outHeight, i.outWidth, i.outChannels];
}

function count(shape: Shape4D): number {
  return shape[0] * shape[1] * shape[2] * shape[3];
}

/** A dot product along the channels of each pixel: cheaper in one pass than as a convolution. */
function isDot(i: Info): boolean {
  return (
    i.outChannels === 1 &&
    i.filterHeight === 1 &&
    i.filterWidth === 1 &&
    i.strideHeight === 1 &&
    i.strideWidth === 1 &&
    i.outHeight === i.inHeight &&
    i.outWidth === i.inWidth
  );
}

function blockedLayout(backend: OnednnBackend): Layout {
  return backend.precision === 'bf16' ? Layout.blockedBf16 : Layout.blockedF32;
}

/** A filter in the layout and precision a plan wants. */
function packedFilter(filter: Entry, plan: { weights: number; weightsBytes: number }): Activation {
  return filter.packedAs(plan.weights, plan.weightsBytes);
}

function convolve(
  backend: OnednnBackend,
  x: Entry,
  filter: Entry,
  info: Info,
  bias: Entry | undefined,
  relu: boolean,
  out: Entry,
): void {
  const [from, to] = [inShape(info), outShape(info)];
  if (isDot(info)) {
    const layout = nativeLayout(x, from);
    const y = backend.pool.floats(count(to));
    const b = bias?.floats() ?? null;
    addon().dot(x.in(layout, from), filter.floats(), b, y, ...extentOf(layout, from));
    if (relu) addon().biasAdd(y, new Float32Array(1), y, true, 1, 1, y.length, 1);
    out.setPlain(y);
    return;
  }
  const bf16 = backend.precision === 'bf16';
  if (backend.plans.usesWinograd(info, bf16)) {
    const layout = blockedLayout(backend);
    const y = allocate(backend, layout, count(to));
    const b = bias?.floats() ?? null;
    const shape = Int32Array.of(...from, info.outChannels);
    addon().winogradConvolve(x.in(layout, from), filter.floats(), b, y, shape, false, relu, bf16);
    out.setLayout(layout, to, y);
    return;
  }
  const plan = backend.plans.get(info, ConvKind.forward, { bias: !!bias, relu, bf16 });
  const y = allocate(backend, plan.dst, count(to));
  addon().convRun(
    plan.id,
    x.in(plan.src, from),
    packedFilter(filter, plan),
    bias?.floats() ?? null,
    y,
  );
  out.setLayout(plan.dst, to, y);
}

function convolveData(
  backend: OnednnBackend,
  dy: Entry,
  filter: Entry,
  info: Info,
  bias: Entry | undefined,
  relu: boolean,
  out: Entry,
): void {
  const [to, from] = [inShape(info), outShape(info)];
  const bf16 = backend.precision === 'bf16';
  if (isDot(info) && !bias && !relu) {
    const wide = info.inChannels % 16 === 0;
    const layout = !wide ? Layout.nhwcF32 : bf16 ? Layout.blockedBf16 : Layout.blockedF32;
    const dx = allocate(backend, layout, count(to));
    addon().dotData(dy.floats(), filter.floats(), dx, ...extentOf(layout, to));
    out.setLayout(layout, to, dx);
    return;
  }
  if (backend.plans.usesWinograd(info, bf16)) {
    const layout = blockedLayout(backend);
    const dx = allocate(backend, layout, count(to));
    const b = bias?.floats() ?? null;
    const shape = Int32Array.of(...from, info.inChannels);
    addon().winogradConvolve(dy.in(layout, from), filter.floats(), b, dx, shape, true, relu, bf16);
    out.setLayout(layout, to, dx);
    return;
  }
  const plan = backend.plans.get(info, ConvKind.backwardData, { bias: false, relu: false, bf16 });
  const dx = allocate(backend, plan.src, count(to));
  addon().convRun(plan.id, dx, packedFilter(filter, plan), null, dy.in(plan.dst, from));
  if (bias || relu) {
    const b = bias?.floats() ?? new Float32Array(info.inChannels);
    addon().biasAdd(dx, b, dx, relu, ...extentOf(plan.src, to));
  }
  out.setLayout(plan.src, to, dx);
}

/** The gradient of a convolution by its filter. */
export function convolveFilter(
  backend: OnednnBackend,
  x: Entry,
  dy: Entry,
  info: Info,
): Float32Array {
  const [from, to] = [inShape(info), outShape(info)];
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const gradient = backend.pool.floats(filterHeight * filterWidth * inChannels * outChannels);
  if (isDot(info)) {
    const layout = nativeLayout(x, from);
    addon().dotFilter(x.in(layout, from), dy.floats(), gradient, ...extentOf(layout, from));
    return gradient;
  }
  const bf16 = backend.precision === 'bf16';
  if (backend.plans.usesWinograd(info, bf16)) {
    const layout = blockedLayout(backend);
    const shape = Int32Array.of(...from, outChannels);
    addon().winogradFilter(x.in(layout, from), dy.in(layout, to), gradient, shape, bf16);
    return gradient;
  }
  const plan = backend.plans.get(info, ConvKind.backwardFilter, { bias: false, relu: false, bf16 });
  const packed = backend.pool.floats(Math.ceil(plan.weightsBytes / 4));
  addon().convRun(plan.id, x.in(plan.src, from), packed, null, dy.in(plan.dst, to));
  addon().convUnpack(plan.weights, packed, gradient);
  backend.pool.release(packed);
  return gradient;
}
