import type { backend_util } from '@tensorflow/tfjs-core';
import { addon, type PlanInfo } from './addon.js';

export const ConvKind = { forward: 0, backwardData: 1, backwardFilter: 2 } as const;
export type ConvKind = (typeof ConvKind)[keyof typeof ConvKind];

export interface PlanOptions {
  bias: boolean;
  relu: boolean;
  bf16: boolean;
}

/** oneDNN primitives by shape, made once. */
export class Plans {
  private readonly known = new Map<string, PlanInfo>();
  private winograd = true;

  /** Whether this package's own Winograd kernels take a convolution. */
  usesWinograd(i: backend_util.Conv2DInfo, bf16: boolean): boolean {
    return (
      this.winograd &&
      i.filterHeight === 3 &&
      i.filterWidth === 3 &&
      i.strideHeight === 1 &&
      i.strideWidth === 1 &&
      i.dilationHeight === 1 &&
      i.dilationWidth === 1 &&
      i.padInfo.top === 1 &&
      i.padInfo.left === 1 &&
      i.outHeight === i.inHeight &&
      i.outWidth === i.inWidth &&
      i.inChannels % 16 === 0 &&
      i.outChannels % 16 === 0 &&
      addon().hasWinograd(bf16)
    );
  }

  get(info: backend_util.Conv2DInfo, kind: ConvKind, options: PlanOptions): PlanInfo {
    const shape = convShape(info);
    const key = `${shape.join()};${kind}${+options.bias}${+options.relu}${+options.bf16}`;
    let plan = this.known.get(key);
    if (!plan) {
      const { bias, relu, bf16 } = options;
      plan = addon().convPlan(Int32Array.from(shape), kind, bias, relu, bf16, this.winograd);
      this.known.set(key, plan);
    }
    return plan;
  }

  setWinograd(enabled: boolean): void {
    this.winograd = enabled;
    this.known.clear();
  }

  clear(): void {
    this.known.clear();
  }

  implementations(): string[] {
    return [...this.known.values()].map((plan) => plan.implementation);
  }
}

function convShape(i: backend_util.Conv2DInfo): number[] {
  const { top, left } = i.padInfo;
  // oneDNN wants the far padding that makes its output size the wanted one.
  const far = (out: number, stride: number, kernel: number, dilation: number, size: number) =>
    (out - 1) * stride + (kernel - 1) * dilation + 1 - size;
  const bottom = far(i.outHeight, i.strideHeight, i.filterHeight, i.dilationHeight, i.inHeight);
  const right = far(i.outWidth, i.strideWidth, i.filterWidth, i.dilationWidth, i.inWidth);
  return [
    i.batchSize,
    i.inHeight,
    i.inWidth,
    i.inChannels,
    i.outHeight,
    i.outWidth,
    i.outChannels,
    i.filterHeight,
    i.filterWidth,
    i.strideHeight,
    i.strideWidth,
    i.dilationHeight,
    i.dilationWidth,
    top,
    left,
    Math.max(0, bottom - top),
    Math.max(0, right - left),
  ];
}
