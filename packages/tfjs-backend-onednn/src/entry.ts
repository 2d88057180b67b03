import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { type Activation, addon, Layout } from './addon.js';
import type { BufferPool } from './buffer_pool.js';

export type Shape4D = [n: number, h: number, w: number, c: number];

/** Work put off until its result is read, because what follows may fuse with it. */
export interface Deferred {
  readonly kind: 'forward' | 'data' | 'step';
  /** Entries whose values the work needs. */
  readonly inputs: readonly Entry[];
  /** Puts the result into the entry. */
  run(out: Entry): void;
}

/**
 * The values behind a data id: as TensorFlow.js knows them (`values`, row-major), in one of
 * oneDNN's layouts, or not yet computed. Kernels take the form they work in; conversions are
 * cached.
 */
export class Entry {
  refCount = 1;
  complexTensorInfos: { real: TensorInfo; imag: TensorInfo } | undefined;
  /** Of a convolution's pre-activation: its relu, whose sign is the same. */
  reluTwin: Entry | undefined;
  /** Sums over all but the last axis, where a kernel got them for nothing. */
  channelSums: Float32Array | undefined;
  /** Filters only: this filter in the layouts that convolutions want. */
  private packed: Map<number, Activation> | undefined;
  private plain: backend_util.BackendValues | undefined;
  private readonly layouts = new Map<Layout, Activation>();
  private shape4D: Shape4D | undefined;
  private work: Deferred | undefined;
  private holds = 0;
  private gone = false;

  constructor(
    private readonly pool: BufferPool,
    readonly dtype: DataType,
  ) {}

  // ---- values -------------------------------------------------------------------------------

  /** Row-major values; computed, or converted from another layout, at the first call. */
  get values(): backend_util.BackendValues {
    this.compute();
    if (this.plain) return this.plain;
    const shape = this.shape4D;
    if (!shape) throw new Error('tfjs-backend-onednn: the tensor has been disposed');
    const out = this.pool.floats(size(shape));
    const [layout, array] = this.layouts.entries().next().value!;
    relayout(array, layout, out, Layout.nhwcF32, shape);
    this.plain = out;
    return out;
  }

  /** As values, for kernels in float32: a Float32Array whatever a relabelled tensor holds. */
  floats(): Float32Array {
    const values = this.values;
    if (values instanceof Float32Array) return values;
    if (values instanceof Int32Array || values instanceof Uint8Array) {
      const out = new Float32Array(values);
      if (this.dtype !== 'float32') return out;
      this.plain = out;
      return out;
    }
    throw new Error(`tfjs-backend-onednn: expected numbers, got ${this.dtype}`);
  }

  /** The values of an image batch in a layout, converted when need be. */
  in(layout: Layout, shape: Shape4D): Activation {
    if (layout === Layout.nhwcF32) return this.floats();
    this.compute();
    if (this.shape4D && !sameShape(this.shape4D, shape)) this.forgetLayouts();
    const known = this.layouts.get(layout);
    if (known) return known;
    const half = layout === Layout.blockedBf16 || layout === Layout.nhwcBf16;
    const out = half ? this.pool.halves(size(shape)) : this.pool.floats(size(shape));
    const other = this.plain ? undefined : this.layouts.entries().next().value;
    if (other) relayout(other[1], other[0], out, layout, shape);
    else relayout(this.floats(), Layout.nhwcF32, out, layout, shape);
    this.layouts.set(layout, out);
    this.shape4D = shape;
    return out;
  }

  /** The oneDNN layout the values are in, if a tensor of this shape is in any. */
  layoutFor(shape: readonly number[]): Layout | undefined {
    this.compute();
    if (!this.shape4D || !sameShape(this.shape4D, shape)) return undefined;
    return this.layouts.keys().next().value;
  }

  setPlain(values: backend_util.BackendValues): this {
    this.plain = values;
    return this;
  }

  setLayout(layout: Layout, shape: Shape4D, array: Activation): this {
    if (layout === Layout.nhwcF32) return this.setPlain(array as Float32Array);
    this.layouts.set(layout, array);
    this.shape4D = shape;
    return this;
  }

  // ---- deferred work ------------------------------------------------------------------------

  get deferred(): Deferred | undefined {
    return this.work;
  }

  defer(work: Deferred): this {
    this.work = work;
    for (const input of work.inputs) input.hold();
    return this;
  }

  private compute(): void {
    const work = this.work;
    if (!work) return;
    work.run(this);
    this.work = undefined;
    for (const input of work.inputs) input.letGo();
  }

  setReluTwin(twin: Entry): void {
    twin.hold();
    this.reluTwin?.letGo();
    this.reluTwin = twin;
  }

  // ---- filters ------------------------------------------------------------------------------

  packedAs(weights: number, bytes: number): Activation {
    this.packed ??= new Map();
    let array = this.packed.get(weights);
    if (!array) {
      array = this.pool.floats(Math.ceil(bytes / 4));
      addon().convPack(weights, this.floats(), array);
      this.packed.set(weights, array);
    }
    return array;
  }

  // ---- writing in place ---------------------------------------------------------------------

  /**
   * The values, for writing over: undefined when another tensor or deferred work would see it.
   * An array that is not the pool's own is the caller's, and is copied first.
   */
  writable(): Float32Array | undefined {
    if (this.refCount !== 1 || this.holds > 0 || this.dtype !== 'float32') return undefined;
    let values = this.floats();
    if (!this.pool.owns(values.buffer)) {
      const copy = this.pool.floats(values.length);
      copy.set(values);
      values = copy;
    }
    this.forgetLayouts();
    this.forgetPacked();
    this.channelSums = undefined;
    this.plain = values;
    return values;
  }

  // ---- lifetime -----------------------------------------------------------------------------

  hold(): void {
    this.holds++;
  }

  letGo(): void {
    this.holds--;
    if (this.gone && this.holds === 0) this.free();
  }

  /** No tensor refers to this any more. */
  dispose(): void {
    this.gone = true;
    if (this.holds === 0) this.free();
  }

  private free(): void {
    const work = this.work;
    this.work = undefined;
    for (const input of work?.inputs ?? []) input.letGo();
    this.reluTwin?.letGo();
    this.reluTwin = undefined;
    this.forgetLayouts(false);
    this.forgetPacked();
    this.releasePlain();
    this.channelSums = undefined;
    this.complexTensorInfos = undefined;
  }

  private releasePlain(): void {
    if (this.plain && ArrayBuffer.isView(this.plain)) this.pool.release(this.plain);
    this.plain = undefined;
  }

  private forgetLayouts(keepValues = true): void {
    if (keepValues && this.layouts.size > 0) void this.values;
    for (const array of this.layouts.values()) this.pool.release(array);
    this.layouts.clear();
    this.shape4D = undefined;
  }

  private forgetPacked(): void {
    for (const array of this.packed?.values() ?? []) this.pool.release(array);
    this.packed = undefined;
  }
}

export function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

function isBlocked(layout: Layout): boolean {
  return layout === Layout.blockedF32 || layout === Layout.blockedBf16;
}

function relayout(
  from: Activation,
  fromLayout: Layout,
  to: Activation,
  toLayout: Layout,
  [n, h, w, c]: Shape4D,
): void {
  if (to.length === 0) return;
  if (isBlocked(fromLayout) === isBlocked(toLayout)) addon().convert(from, to);
  else if (isBlocked(toLayout)) addon().block(from, to, n, h * w, c);
  else addon().unblock(from, to, n, h * w, c);
}
