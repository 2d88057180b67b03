// One training step and one prediction of a U-Net on the wasm backend.
// node bench/wasm/step.mjs [--size 64x80] [--filters 8] [--batch 32] [--steps 8] [--threads 1] [--profile]
// after `npm run build`; compares with nothing, run it before and after a change.
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { loadWasmBackend } from '../../dist/compute/wasm/load.js';
import { memoryOf } from '../../dist/compute/wasm/memory.js';
import { diceLoss, unet } from './unet.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '64x80' },
    filters: { type: 'string', default: '8' },
    batch: { type: 'string', default: '32' },
    steps: { type: 'string', default: '8' },
    threads: { type: 'string', default: '1' },
    profile: { type: 'boolean', default: false },
  },
});
const [height, width] = values.size.split('x').map(Number);
const batch = Number(values.batch);
const steps = Number(values.steps);

const started = performance.now();
const backend = await loadWasmBackend(Number(values.threads));
const startMs = performance.now() - started;

const net = unet(height, width, Number(values.filters));
const x = tf.randomNormal([batch, height, width, 1], 0, 1, 'float32', 1);
const y = tf.cast(
  tf.greater(tf.randomUniform([batch, height, width, 1], 0, 1, 'float32', 2), 0.8),
  'float32',
);
const optimizer = tf.train.adam(1e-3);
const step = () =>
  optimizer.minimize(() => diceLoss(y, net.apply(x, { training: true })), true).dataSync()[0];
const predict = () => tf.tidy(() => net.predictOnBatch(x).dataSync());

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
function measure(run) {
  run();
  const ms = [];
  for (let i = 0; i < steps; i++) {
    const t = performance.now();
    run();
    ms.push(performance.now() - t);
  }
  return ms;
}
const train = measure(() => tf.tidy(() => step()));
const infer = measure(predict);
const perSecond = (ms) => Number(((batch * 1000) / ms).toFixed(1));
console.log(
  JSON.stringify({
    size: values.size,
    filters: Number(values.filters),
    batch,
    ...backend,
    startMs: Math.round(startMs),
    stepMs: Number(median(train).toFixed(1)),
    trainImagesPerSecond: perSecond(median(train)),
    predictImagesPerSecond: perSecond(median(infer)),
    bestTrain: perSecond(Math.min(...train)),
    bestPredict: perSecond(Math.min(...infer)),
    heapMB: memoryOf(tf.backend()).buffer.byteLength >> 20,
    rssMB: Math.round(process.memoryUsage().rss / 2 ** 20),
    tensors: tf.memory().numTensors,
  }),
);

// Of each kernel call the best of several steps, so that other programs' work counts little.
if (values.profile) {
  const best = [];
  for (let i = 0; i < 8; i++) {
    const { kernels } = await tf.profile(() => tf.tidy(() => step()));
    for (const [call, kernel] of kernels.entries()) {
      const time = await kernel.kernelTimeMs;
      const ms = typeof time === 'number' ? time : time.kernelMs;
      best[call] = {
        name: kernel.name,
        ms: Math.min(ms, best[call]?.ms ?? Number.POSITIVE_INFINITY),
      };
    }
  }
  const byName = new Map();
  for (const { name, ms } of best) {
    const row = byName.get(name) ?? { calls: 0, ms: 0 };
    byName.set(name, { calls: row.calls + 1, ms: row.ms + ms });
  }
  for (const [name, { calls, ms }] of [...byName].sort((a, b) => b[1].ms - a[1].ms)) {
    console.log(`${name.padEnd(24)} ${String(calls).padStart(4)} ${ms.toFixed(1).padStart(8)} ms`);
  }
}
