import * as tf from '@tensorflow/tfjs-core';
import { backend_util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { type Activation, addon, Layout } from '../addon.js';
import { broadcastGeometry } from '../broadcast.js';
import { DeferredConvolution } from '../convolution.js';
import { DeferredStep } from '../deferred_step.js';
import { type Entry, size } from '../entry.js';
import { allocate, extentOf, isBlocked, shape4D } from '../layout.js';
import { attribute, input, isEmpty, isFloat, type KernelCall, nativeKernel } from './kernel.js';

/** The numbers are native/kernels.h's. */
export const unaryOps = {
  [tf.Neg]: 0,
  [tf.Abs]: 1,
  [tf.Exp]: 2,
  [tf.Log]: 3,
  [tf.Log1p]: 4,
  [tf.Sqrt]: 5,
  [tf.Rsqrt]: 6,
  [tf.Square]: 7,
  [tf.Reciprocal]: 8,
  [tf.Sigmoid]: 9,
  [tf.Relu]: 10,
  [tf.Relu6]: 11,
  [tf.Step]: 12,
  [tf.Tanh]: 13,
  [tf.Softplus]: 14,
  [tf.ClipByValue]: 15,
} as const;

export const binaryOps = {
  [tf.Add]: 0,
  [tf.Sub]: 1,
  [tf.Multiply]: 2,
  [tf.RealDiv]: 3,
  [tf.Maximum]: 4,
  [tf.Minimum]: 5,
  [tf.SquaredDifference]: 6,
  [tf.Greater]: 7,
  [tf.GreaterEqual]: 8,
  [tf.Less]: 9,
  [tf.LessEqual]: 10,
  [tf.Equal]: 11,
  [tf.NotEqual]: 12,
} as const;

const firstComparison = binaryOps.Greater;

/** Runs a map over the values in whichever order they lie. */
function mapped(call: KernelCall, x: TensorInfo, op: number, a = 0, b = 0): TensorInfo {
  const { backend } = call;
  const entry = backend.entry(x);
  const shape = shape4D(x.shape);
  const blocked = shape && isBlocked(entry.layoutFor(shape) ?? Layout.nhwcF32);
  const layout = blocked ? Layout.blockedF32 : Layout.nhwcF32;
  const from = blocked ? (entry.in(layout, shape) as Float32Array) : entry.floats();
  const out = backend.pool.floats(size(x.shape));
  addon().unary(op, a, b, from, out);
  const result = backend.newEntry();
  if (blocked) result.setLayout(layout, shape, out);
  else result.setPlain(out);
  return backend.wrap(result, x.shape);
}

function unary(op: number) {
  return (call: KernelCall): TensorInfo | undefined => {
    const x = input(call, 'x');
    return isFloat(x) && !isEmpty(x) ? mapped(call, x, op) : undefined;
  };
}

function clip(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isFloat(x) || isEmpty(x)) return undefined;
  const low = attribute<number>(call, 'clipValueMin');
  const high = attribute<number>(call, 'clipValueMax');
  return mapped(call, x, unaryOps.ClipByValue, low, high);
}

/** Fuses with the convolution that x waits for. */
function relu(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isFloat(x) || isEmpty(x)) return undefined;
  const { backend } = call;
  const entry = backend.entry(x);
  const work = entry.deferred;
  if (!(work instanceof DeferredConvolution)) return mapped(call, x, unaryOps.Relu);
  const out = backend.newEntry();
  work.runInto(out, true);
  entry.setReluTwin(out);
  return backend.wrap(out, x.shape);
}

/** Waits for the multiplication that relu's gradient does with it. */
function step(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const alpha = attribute<number | undefined>(call, 'alpha') ?? 0;
  if (!isFloat(x) || isEmpty(x)) return undefined;
  if (alpha !== 0) return mapped(call, x, unaryOps.Step, alpha);
  const { backend } = call;
  const entry = backend.entry(x);
  const work = new DeferredStep(backend, entry.reluTwin ?? entry, x.shape);
  return backend.wrap(backend.newEntry().defer(work), x.shape);
}

function reluGradient(
  call: KernelCall,
  dy: TensorInfo,
  work: DeferredStep,
): TensorInfo | undefined {
  const { backend } = call;
  const shape = shape4D(dy.shape) ?? [1, 1, 1, size(dy.shape)];
  const d = backend.entry(dy);
  const y = work.source;
  const layout = y.layoutFor(shape) ?? d.layoutFor(shape) ?? Layout.nhwcF32;
  const out = allocate(backend, layout, size(shape));
  const sums = dy.shape.length === 4 ? new Float32Array(shape[3]) : undefined;
  const [dyValues, yValues] = [d.in(layout, shape), y.in(layout, shape)];
  addon().reluGrad(dyValues, yValues, out, sums ?? null, ...extentOf(layout, shape));
  const result = backend.newEntry();
  if (layout === Layout.nhwcF32) result.setPlain(out as Float32Array);
  else result.setLayout(layout, shape, out);
  result.channelSums = sums;
  return backend.wrap(result, dy.shape);
}

function sameShape(a: TensorInfo, b: TensorInfo): boolean {
  return a.shape.length === b.shape.length && a.shape.every((v, i) => v === b.shape[i]);
}

function multiply(call: KernelCall): TensorInfo | undefined {
  const a = input(call, 'a');
  const b = input(call, 'b');
  if (isFloat(a, b) && !isEmpty(a) && sameShape(a, b)) {
    const { backend } = call;
    const [wa, wb] = [backend.entry(a).deferred, backend.entry(b).deferred];
    if (wb instanceof DeferredStep) return reluGradient(call, a, wb);
    if (wa instanceof DeferredStep) return reluGradient(call, b, wa);
  }
  return binary(binaryOps.Multiply)(call);
}

/** Whether b is one value a channel of x's last axis. */
function isChannelVector(b: TensorInfo, x: TensorInfo): boolean {
  const channels = x.shape[x.shape.length - 1];
  return (
    b.shape.length > 0 &&
    b.shape.length <= x.shape.length &&
    b.shape[b.shape.length - 1] === channels &&
    size(b.shape) === channels
  );
}

/** A bias waits, with the convolution it is added to, for a relu. */
function add(call: KernelCall): TensorInfo | undefined {
  const a = input(call, 'a');
  const b = input(call, 'b');
  if (isFloat(a, b) && !isEmpty(a, b)) {
    const { backend } = call;
    for (const [x, bias] of [
      [a, b],
      [b, a],
    ] as const) {
      const work = backend.entry(x).deferred;
      if (work instanceof DeferredConvolution && !work.bias && isChannelVector(bias, x)) {
        const entry = backend.newEntry().defer(work.withBias(backend.entry(bias)));
        return backend.wrap(entry, x.shape);
      }
    }
  }
  return binary(binaryOps.Add)(call);
}

function geometry(...parts: readonly number[][]): Int32Array {
  return Int32Array.from(parts.flat());
}

/** Without leaving oneDNN's layout: same shapes, a channel vector, or a scalar. */
function binaryBlocked(call: KernelCall, a: TensorInfo, b: TensorInfo, op: number) {
  const { backend } = call;
  const [ea, eb] = [backend.entry(a), backend.entry(b)];
  const put = (layout: Layout, shape: [number, number, number, number], out: Activation) =>
    backend.wrap(backend.newEntry().setLayout(layout, shape, out), [...shape]);
  const shape = shape4D(a.shape);
  if (shape && sameShape(a, b)) {
    const layout = ea.layoutFor(shape) ?? eb.layoutFor(shape);
    if (layout === undefined || !isBlocked(layout)) return undefined;
    const out = allocate(backend, layout, size(shape));
    addon().binary(
      op,
      ea.in(layout, shape),
      eb.in(layout, shape),
      out,
      geometry([out.length], [1], [1]),
    );
    return put(layout, shape, out);
  }
  const broadcast = (x: TensorInfo, ex: Entry, v: TensorInfo, ev: Entry, swap: boolean) => {
    const xs = shape4D(x.shape);
    const layout = xs && ex.layoutFor(xs);
    if (!xs || layout === undefined || !isBlocked(layout) || v.shape.length > 4) return undefined;
    const scalar = size(v.shape) === 1;
    if (!scalar && !isChannelVector(v, x)) return undefined;
    const [n, blocks, pixels, lanes] = extentOf(layout, xs);
    const dims = [n, blocks, pixels, lanes];
    const xStrides = [blocks * pixels * lanes, pixels * lanes, lanes, 1];
    const vStrides = scalar ? [0, 0, 0, 0] : [0, lanes, 0, 1];
    const out = backend.pool.floats(size(xs));
    const [xv, vv] = [ex.in(Layout.blockedF32, xs), ev.floats()];
    if (swap) addon().binary(op, vv, xv, out, geometry(dims, vStrides, xStrides));
    else addon().binary(op, xv, vv, out, geometry(dims, xStrides, vStrides));
    return put(Layout.blockedF32, xs, out);
  };
  return broadcast(a, ea, b, eb, false) ?? broadcast(b, eb, a, ea, true);
}

function binary(op: number) {
  return (call: KernelCall): TensorInfo | undefined => {
    const a = input(call, 'a');
    const b = input(call, 'b');
    if (!isFloat(a, b)) return undefined;
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    if (size(shape) === 0) return undefined;
    const { backend } = call;
    if (op >= firstComparison) {
      const out = new Uint8Array(size(shape));
      const [va, vb] = [backend.entry(a).floats(), backend.entry(b).floats()];
      addon().binary(op, va, vb, out, broadcastGeometry(shape, a.shape, b.shape));
      return backend.wrap(backend.newEntry('bool').setPlain(out), shape);
    }
    const blocked = binaryBlocked(call, a, b, op);
    if (blocked) return blocked;
    const out = backend.pool.floats(size(shape));
    const [va, vb] = [backend.entry(a).floats(), backend.entry(b).floats()];
    addon().binary(op, va, vb, out, broadcastGeometry(shape, a.shape, b.shape));
    return backend.output(out, shape);
  };
}

const special: Record<string, (call: KernelCall) => TensorInfo | undefined> = {
  [tf.Relu]: relu,
  [tf.Step]: step,
  [tf.ClipByValue]: clip,
  [tf.Multiply]: multiply,
  [tf.Add]: add,
};

export const elementwiseKernels = (): KernelConfig[] => [
  ...Object.entries(unaryOps).map(([name, op]) => nativeKernel(name, special[name] ?? unary(op))),
  ...Object.entries(binaryOps).map(([name, op]) => nativeKernel(name, special[name] ?? binary(op))),
];
