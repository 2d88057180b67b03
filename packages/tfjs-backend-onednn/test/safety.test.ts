import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as onednn from '../src/index.js';
import { available, filled } from './support.js';

const addonPath = fileURLToPath(new URL('../build/Release/onednn.node', import.meta.url));

/** Plain JavaScript that runs convolutions on the addon without TensorFlow.js. */
const useAddon = `
  const native = require(${JSON.stringify(addonPath)});
  const shape = Int32Array.of(2, 8, 8, 16, 8, 8, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
  const plan = native.convPlan(shape, 0, false, false, false, true);
  const x = new Float32Array(native.allocate(2 * 64 * 16 * 4)).fill(1);
  const y = new Float32Array(native.allocate(2 * 64 * 16 * 4));
  const filter = new Float32Array(9 * 256).fill(0.5);
  const packed = new Float32Array(plan.weightsBytes / 4);
  native.convPack(plan.weights, filter, packed);
  for (let i = 0; i < 50; i++) native.convRun(plan.id, x, packed, null, y);
  const middle = y[(3 * 8 + 3) * 16];
`;

describe.skipIf(!available)('the addon', () => {
  it('turns wrong arguments into errors', () => {
    const native = createRequire(import.meta.url)(addonPath) as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const f32 = (n: number) => new Float32Array(n);
    const bad: [string, unknown[]][] = [
      ['unary', []],
      ['unary', [0, 0, 0, f32(3), f32(4)]],
      ['unary', [99, 0, 0, f32(4), f32(4)]],
      ['unary', [0, 0, 0, [1, 2], f32(2)]],
      ['unary', [0, 0, 0, new Float64Array(4), f32(4)]],
      ['binary', [0, f32(3), f32(4), f32(4), Int32Array.of(4, 1, 1)]],
      ['binary', [0, f32(4), f32(4), f32(4), Int32Array.of(4, 1)]],
      ['binary', [0, f32(4), f32(4), f32(4), Int32Array.of(-4, 1, 1)]],
      ['binary', [0, f32(4), f32(4), new Int32Array(4), Int32Array.of(4, 1, 1)]],
      ['reduce', [0, f32(10), f32(1), 1, 11, 1]],
      ['reduce', [0, f32(10), f32(1), 1, -1, 1]],
      ['maxPool', [f32(1), f32(1), 1, 1, new Int32Array(12)]],
      ['block', [f32(10), f32(10), 1, 1, 10]],
      ['convPlan', [new Int32Array(17), 0, false, false, false, false]],
      ['convPlan', [new Int32Array(3), 0, false, false, false, false]],
      ['convRun', [12345, f32(1), f32(1), null, f32(1)]],
      ['convPack', [12345, f32(1), f32(1)]],
      ['adam', [[f32(3)], [f32(4)], [f32(3)], [f32(3)], 0, 0, 0, 0, 0, 0]],
      ['adam', [[f32(3)], [], [], [], 0, 0, 0, 0, 0, 0]],
      ['allocate', [-1]],
      ['allocate', [Number.NaN]],
      ['setThreads', [0]],
      ['matmul', [f32(3), f32(3), f32(3), 1, 1, 2, 2, 2, false, false]],
    ];
    for (const [name, args] of bad)
      expect(() => native[name]!(...args), `${name} ${args.length}`).toThrow();
    const detached = f32(400);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => native.unary!(0, 0, 0, detached, f32(400))).toThrow();
    const plan = native.convPlan!(
      Int32Array.of(1, 4, 4, 16, 4, 4, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1),
      0,
      true,
      false,
      false,
      false,
    ) as { id: number };
    expect(() => native.convRun!(plan.id, f32(1), f32(2304), f32(16), f32(256))).toThrow(/holds/);
    expect(() => native.convRun!(plan.id, f32(256), f32(1), f32(16), f32(256))).toThrow(/short/);
    expect(() => native.convRun!(plan.id, f32(256), f32(2304), null, f32(256))).toThrow(/bias/);
  });

  it('works in several worker threads at once', async () => {
    const code = `${useAddon} require('node:worker_threads').parentPort.postMessage(middle);`;
    const results = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((resolve, reject) => {
            const worker = new Worker(code, { eval: true });
            worker.once('message', (m) => void worker.terminate().then(() => resolve(m)));
            worker.once('error', reject);
          }),
      ),
    );
    for (const r of results) expect(r).toBeCloseTo(72, 2);
  });

  it('is gone without a trace at exit, from a worker too', () => {
    const ends = [
      'process.exit(0)',
      'setTimeout(() => process.exit(0), 5); setInterval(() => native.convRun(plan.id, x, packed, null, y), 0)',
      `new (require('node:worker_threads').Worker)(${JSON.stringify(`${useAddon} setInterval(() => native.convRun(plan.id, x, packed, null, y), 0)`)}, {eval: true}); setTimeout(() => process.exit(0), 300)`,
      '0',
    ];
    for (const end of ends) {
      const { status, signal, stderr } = spawnSync(process.execPath, ['-e', useAddon + end], {
        encoding: 'utf8',
      });
      expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    }
  });
});

describe.skipIf(!available)('misuse', () => {
  it('of a disposed tensor is an error', async () => {
    await tf.setBackend('onednn');
    const t = tf.ones([20]);
    t.dispose();
    expect(() => tf.add(t, 1)).toThrow();
    expect(() => t.dataSync()).toThrow(/disposed/);
  });

  it('of wrong shapes is an error', async () => {
    await tf.setBackend('onednn');
    tf.tidy(() => {
      const x = filled([1, 4, 4, 16], 1) as tf.Tensor4D;
      expect(() => tf.conv2d(x, filled([3, 3, 8, 16], 2) as tf.Tensor4D, 1, 'same')).toThrow();
      expect(() => tf.add(filled([3], 1), filled([4], 1))).toThrow();
      expect(() => tf.concat([filled([3, 2], 1), filled([4, 3], 1)], 0)).toThrow();
    });
  });

  it('of settings is an error', () => {
    expect(() => onednn.setThreads(0)).toThrow(/whole number/);
    expect(() => onednn.setThreads(1.5)).toThrow(/whole number/);
    expect(() => onednn.setPrecision('half' as 'bf16')).toThrow(/neither/);
  });

  it('moves tensors of other backends over', async () => {
    await tf.setBackend('cpu');
    const foreign = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    await tf.setBackend('onednn');
    const sum = tf.tidy(() => tf.sum(tf.relu(foreign)));
    expect(sum.dataSync()[0]).toBe(10);
    await tf.setBackend('cpu');
    expect(tf.tidy(() => tf.add(sum, 1)).dataSync()[0]).toBe(11);
    tf.dispose([foreign, sum]);
  });
});

describe.skipIf(!available)('the package', () => {
  it('says what runs natively and what does not', () => {
    const [native, fallback] = [onednn.nativeKernels(), onednn.fallbackKernels()];
    for (const name of ['Conv2D', 'Conv2DBackpropFilter', 'MaxPoolGrad', 'FusedBatchNorm'])
      expect(native).toContain(name);
    expect(fallback).toContain('CropAndResize');
    expect(native.filter((name) => fallback.includes(name))).toEqual([]);
  });

  it('knows its version and threads', async () => {
    expect(onednn.version()).toMatch(/^\d+\.\d+\.\d+$/);
    expect(['sse2', 'avx2', 'avx512', 'portable']).toContain(onednn.instructions());
    const before = onednn.threads();
    onednn.setThreads(1);
    expect(onednn.threads()).toBe(1);
    await tf.setBackend('onednn');
    const sum = tf.tidy(() =>
      tf.sum(tf.conv2d(tf.ones([1, 8, 8, 16]), tf.ones([3, 3, 16, 16]) as tf.Tensor4D, 1, 'valid')),
    );
    onednn.setThreads(before);
    expect(sum.dataSync()[0]).toBe(36 * 144 * 16);
    sum.dispose();
  });

  it('skips a build that is up to date, and only says so where oneDNN is missing', () => {
    const script = fileURLToPath(new URL('../scripts/install.mjs', import.meta.url));
    const run = (env: NodeJS.ProcessEnv) =>
      execFileSync(process.execPath, [script], { encoding: 'utf8', env });
    expect(run({ ...process.env })).toBe('');
    const said = run({ ...process.env, ONEDNN_ROOT: '/nowhere' });
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(said).toMatch(/oneDNN was not found.*will not be available/);
  });
});
