import { createRequire } from 'node:module';
import { nativeSources } from '../scripts/native_sources.mjs';

/** How a tensor's values lie in memory; the numbers are native/convolution.h's. */
export const Layout = { nhwcF32: 0, blockedF32: 1, blockedBf16: 2, nhwcBf16: 3 } as const;
export type Layout = (typeof Layout)[keyof typeof Layout];

/** float32, or the bits of bfloat16. */
export type Activation = Float32Array | Uint16Array;

export interface PlanInfo {
  id: number;
  src: Layout;
  dst: Layout;
  weights: number;
  weightsBytes: number;
  implementation: string;
}

/** The native side, as native/addon.cc registers it. */
export interface Addon {
  version(): string;
  /** `nativeSources` of what it was built from. */
  sources(): string;
  instructions(): string;
  threads(): number;
  setThreads(n: number): void;
  supportsBf16(): boolean;
  allocate(bytes: number): ArrayBuffer;
  unary(op: number, a: number, b: number, x: Float32Array, out: Float32Array): void;
  binary(
    op: number,
    a: Activation,
    b: Activation,
    out: Activation | Uint8Array,
    geometry: Int32Array,
  ): void;
  reduce(
    op: number,
    x: Float32Array,
    out: Float32Array,
    outer: number,
    middle: number,
    inner: number,
  ): void;
  channelSums(x: Activation, sums: Float32Array, ...extent: Extent): void;
  reluGrad(
    dy: Activation,
    y: Activation,
    out: Activation,
    sums: Float32Array | null,
    ...extent: Extent
  ): void;
  maxPool(x: Activation, out: Activation, batch: number, lanes: number, window: Int32Array): void;
  maxPoolGrad(
    dy: Activation,
    x: Activation,
    dx: Activation,
    batch: number,
    lanes: number,
    window: Int32Array,
  ): void;
  resize(x: Float32Array, out: Float32Array, ...rest: ResizeArguments): void;
  resizeGrad(dy: Float32Array, dx: Float32Array, ...rest: ResizeArguments): void;
  batchNorm(
    x: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    offset: Float32Array | null,
    scale: Float32Array | null,
    epsilon: number,
    out: Float32Array,
    ...extent: Extent
  ): void;
  /** Of each channel: the sum of x, and that of x * y. */
  channelProducts(
    x: Activation,
    y: Activation,
    sums: Float32Array,
    products: Float32Array,
    ...extent: Extent
  ): void;
  /** out = x a + y b + c, with a, b and c for each channel. */
  channelAffine(
    x: Activation,
    a: Float32Array,
    y: Activation | null,
    b: Float32Array | null,
    c: Float32Array,
    out: Activation,
    ...extent: Extent
  ): void;
  biasAdd(
    x: Activation,
    bias: Float32Array,
    out: Activation,
    relu: boolean,
    ...extent: Extent
  ): void;
  block(from: Activation, to: Activation, n: number, pixels: number, channels: number): void;
  unblock(from: Activation, to: Activation, n: number, pixels: number, channels: number): void;
  convert(from: Activation, to: Activation): void;
  copyColumns(
    from: Activation,
    fromPitch: number,
    fromOffset: number,
    to: Activation,
    toPitch: number,
    toOffset: number,
    rows: number,
    width: number,
  ): void;
  dot(
    x: Activation,
    filter: Float32Array,
    bias: Float32Array | null,
    out: Float32Array,
    ...extent: Extent
  ): void;
  dotData(dy: Float32Array, filter: Float32Array, dx: Activation, ...extent: Extent): void;
  dotFilter(x: Activation, dy: Float32Array, dfilter: Float32Array, ...extent: Extent): void;
  adam(
    values: Float32Array[],
    gradients: Float32Array[],
    firstMoments: Float32Array[],
    secondMoments: Float32Array[],
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
  ): void;
  convPlan(
    shape: Int32Array,
    kind: number,
    bias: boolean,
    relu: boolean,
    bf16: boolean,
    winograd: boolean,
  ): PlanInfo;
  convPack(weights: number, hwio: Float32Array, packed: Activation): void;
  convUnpack(weights: number, packed: Float32Array, hwio: Float32Array): void;
  convRun(
    plan: number,
    src: Activation,
    weights: Activation,
    bias: Float32Array | null,
    dst: Activation,
  ): void;
  hasWinograd(bf16: boolean): boolean;
  winogradConvolve(
    x: Activation,
    filter: Float32Array,
    bias: Float32Array | null,
    out: Activation,
    shape: Int32Array,
    transposed: boolean,
    relu: boolean,
    bf16: boolean,
  ): void;
  winogradFilter(
    x: Activation,
    dy: Activation,
    dfilter: Float32Array,
    shape: Int32Array,
    bf16: boolean,
  ): void;
  matmul(
    a: Float32Array,
    b: Float32Array,
    out: Float32Array,
    batchA: number,
    batchB: number,
    m: number,
    k: number,
    n: number,
    transposeA: boolean,
    transposeB: boolean,
  ): void;
}

/** [n, blocks, pixels, lanes] of an activation in either layout. */
export type Extent = [n: number, blocks: number, pixels: number, lanes: number];

type ResizeArguments = [
  batch: number,
  lanes: number,
  height: number,
  width: number,
  newHeight: number,
  newWidth: number,
  bilinear: boolean,
  alignCorners: boolean,
  halfPixelCenters: boolean,
];

export type Availability = { available: true } | { available: false; reason: string };

export type OpenedAddon = { addon: Addon } | { failure: string };

/**
 * The native side, or why there is none: also where it was built from other sources than those that
 * this JavaScript calls, since it may lack a function, or take other arguments, and shows it only in
 * the middle of a training.
 */
export function openAddon(load: () => unknown, sources: () => string): OpenedAddon {
  try {
    const addon = load() as Partial<Addon>;
    if (addon.sources?.() === sources()) return { addon: addon as Addon };
    return {
      failure:
        'the native addon was built from other sources than those of this version: ' +
        'run npm rebuild tfjs-backend-onednn',
    };
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    return {
      failure: isMissing
        ? 'the native addon is not built: install oneDNN (Debian and Ubuntu: libdnnl-dev, Fedora: ' +
          'onednn-devel, macOS: brew install onednn) and run npm rebuild tfjs-backend-onednn'
        : `the native addon does not load: ${message}`,
    };
  }
}

const opened = openAddon(
  () => createRequire(import.meta.url)('../build/Release/onednn.node'),
  nativeSources,
);

/** Whether this machine can run the backend, or why it cannot. */
export function isAvailable(): Availability {
  return 'addon' in opened ? { available: true } : { available: false, reason: opened.failure };
}

export function addon(): Addon {
  if ('failure' in opened) throw new Error(`tfjs-backend-onednn: ${opened.failure}`);
  return opened.addon;
}
