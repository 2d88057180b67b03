import { BatchMatMul, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { addon } from '../addon.js';
import { size } from '../entry.js';
import { attribute, input, isEmpty, isFloat, type KernelCall, nativeKernel } from './kernel.js';

function batchMatMul(call: KernelCall): TensorInfo | undefined {
  const [a, b] = [input(call, 'a'), input(call, 'b')];
  if (!isFloat(a, b) || isEmpty(a, b)) return undefined;
  const [ra, rb] = [a.shape.length, b.shape.length];
  const transposeA = attribute<boolean | undefined>(call, 'transposeA') ?? false;
  const transposeB = attribute<boolean | undefined>(call, 'transposeB') ?? false;
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [countA, countB] = [size(batchA), size(batchB)];
  // Broadcasts of part of the batch are cpu's.
  if (batchA.join() !== batchB.join() && countA !== 1 && countB !== 1) return undefined;
  const m = a.shape[ra - (transposeA ? 1 : 2)]!;
  const k = a.shape[ra - (transposeA ? 2 : 1)]!;
  const n = b.shape[rb - (transposeB ? 2 : 1)]!;
  if (b.shape[rb - (transposeB ? 1 : 2)] !== k) return undefined;
  const { backend } = call;
  const out = backend.pool.floats(Math.max(countA, countB) * m * n);
  const [va, vb] = [backend.entry(a).floats(), backend.entry(b).floats()];
  addon().matmul(va, vb, out, countA, countB, m, k, n, transposeA, transposeB);
  const batch = countA >= countB && ra >= rb ? batchA : batchB;
  return backend.output(out, [...batch, m, n]);
}

export const matmulKernels = (): KernelConfig[] => [nativeKernel(BatchMatMul, batchMatMul)];
