import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { MaxPoolGrad, type MaxPoolGradAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { halvesExactly } from '../../kernels/halves-exactly.js';
import { maxPoolGradSignature } from '../assembly/max-pool-grad.js';
import { type Runtime, runtimeOf } from '../runtime.js';
import { replacing } from './replacing.js';

/** dX of 2x2 max pooling with stride 2; x is [N, 2 H, 2 W, C], dY [N, H, W, C]. */
export function maxPoolGrad2x2(runtime: Runtime, x: TensorInfo, dy: TensorInfo): TensorInfo {
  const [batch, height, width, channels] = dy.shape as [number, number, number, number];
  const dx = runtime.output(x.shape);
  runtime.run(
    maxPoolGradSignature,
    {
      x: runtime.address(x),
      dy: runtime.address(dy),
      dx: runtime.address(dx),
      pixel: channels * 4,
      pixels: width,
      lines: batch * height,
    },
    util.sizeFromShape(x.shape),
  );
  return dx;
}

export const maxPoolGradConfig = () =>
  replacing(MaxPoolGrad, (original) => (args) => {
    const { dy, input } = args.inputs as unknown as { dy: TensorInfo; input: TensorInfo };
    const isTwoByTwo = halvesExactly(input.shape, args.attrs as unknown as MaxPoolGradAttrs);
    if (!isTwoByTwo || input.dtype !== 'float32') return original(args);
    return maxPoolGrad2x2(runtimeOf(args.backend as BackendWasm), input, dy);
  });
