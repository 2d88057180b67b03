// Times one training step and one prediction of the U-Net, and the peak memory of the process.
//
//   node bench/onednn/step.mjs [--backend onednn|wasm|cpu] [--precision float32|bf16]
//     [--size 64x80] [--batch 32] [--base 32] [--steps 10] [--threads N] [--no-winograd]
//     [--predict-only] [--profile] [--json]
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import * as onednn from '../../packages/tfjs-backend-onednn/dist/index.js';
import { unet } from './unet.mjs';

const { values: o } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onednn' },
    precision: { type: 'string', default: 'float32' },
    size: { type: 'string', default: '64x80' },
    batch: { type: 'string', default: '32' },
    base: { type: 'string', default: '32' },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string' },
    'no-winograd': { type: 'boolean', default: false },
    'predict-only': { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

if (o.backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
if (o.backend === 'onednn') {
  if (o.threads) onednn.setThreads(Number(o.threads));
  if (o['no-winograd']) onednn.setWinograd(false);
  onednn.setPrecision(o.precision);
}
await tf.setBackend(o.backend);
await tf.ready();

const [height, width] = o.size.split('x').map(Number);
const [batch, steps] = [Number(o.batch), Number(o.steps)];
const model = unet(height, width, Number(o.base));
const x = tf.randomNormal([batch, height, width, 1], 0, 1, 'float32', 7);
const y = tf.tidy(() =>
  tf.cast(
    tf.greater(tf.randomUniform([batch, height, width, 1], 0, 1, 'float32', 8), 0.9),
    'float32',
  ),
);

function diceLoss(target, predicted) {
  const overlap = tf.sum(tf.mul(target, predicted));
  const total = tf.add(tf.sum(target), tf.sum(predicted));
  return tf.neg(tf.div(tf.add(tf.mul(overlap, 2), 1), tf.add(total, 1)));
}

const optimizer = o.backend === 'onednn' ? new onednn.OnednnAdam(1e-4) : tf.train.adam(1e-4);

function step() {
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() =>
      diceLoss(y, model.apply(x, { training: true })),
    );
    optimizer.applyGradients(grads);
    return value.dataSync()[0];
  });
}

function predict() {
  tf.tidy(() => void model.predict(x, { batchSize: batch }).dataSync());
}

function time(f, n) {
  const ms = [];
  for (let i = 0; i < n + 1; i++) {
    const start = performance.now();
    f();
    if (i > 0) ms.push(performance.now() - start);
  }
  ms.sort((a, b) => a - b);
  const rate = (t) => (batch * 1000) / t;
  const median = ms[ms.length >> 1];
  return {
    imagesPerSecond: { median: rate(median), min: rate(ms.at(-1)), max: rate(ms[0]) },
    stepMs: median,
  };
}

if (o.profile) {
  // Processor time, not the clock's: with --threads 1 it means something on a busy machine too.
  const { addon } = await import('../../packages/tfjs-backend-onednn/dist/addon.js');
  const native = addon();
  const spent = new Map();
  const plans = new Map();
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let inside = 0;
  const makePlan = native.convPlan;
  native.convPlan = (shape, kind, ...rest) => {
    const plan = makePlan(shape, kind, ...rest);
    const [, h, w, c, , , k, kh, , s] = shape;
    const what = ['forward', 'data', 'filter'][kind];
    plans.set(
      plan.id,
      `${what.padEnd(8)}${`${h}x${w}`.padEnd(6)} ${c}->${k} ${kh}/${s} ${plan.src}>${plan.dst} ${plan.implementation}`,
    );
    return plan;
  };
  onednn.setWinograd(!o['no-winograd']);
  const f = o['predict-only'] ? predict : step;
  f();
  f();
  for (const name of Object.keys(native)) {
    const call = native[name];
    native[name] = (...args) => {
      const start = cpu();
      const result = call(...args);
      const ms = cpu() - start;
      inside += ms;
      const key = name === 'convRun' ? plans.get(args[0]) : name;
      const entry = spent.get(key) ?? { ms: 0, calls: 0 };
      entry.ms += ms;
      entry.calls++;
      spent.set(key, entry);
      return result;
    };
  }
  const start = cpu();
  for (let i = 0; i < steps; i++) f();
  const total = cpu() - start;
  for (const [name, { ms, calls }] of [...spent].sort((a, b) => b[1].ms - a[1].ms))
    console.log(
      `${name.padEnd(60)} ${(ms / steps).toFixed(2).padStart(8)} ms ${(calls / steps).toFixed(0).padStart(5)} calls`,
    );
  console.log(
    `outside the addon ${((total - inside) / steps).toFixed(2)} ms of ${(total / steps).toFixed(2)}`,
  );
} else {
  const losses = [];
  const train = o['predict-only'] ? undefined : time(() => losses.push(step()), steps);
  const prediction = time(predict, steps);
  const report = {
    backend: o.backend,
    precision: o.precision,
    threads: o.backend === 'onednn' ? onednn.threads() : 1,
    size: o.size,
    batchSize: batch,
    parameters: model.countParams(),
    train,
    predict: prediction,
    peakRssMB: process.resourceUsage().maxRSS / 1024,
    losses: losses.slice(0, 5),
    tensors: tf.memory().numTensors,
  };
  if (o.json) console.log(JSON.stringify(report));
  else {
    if (train)
      console.log(
        `train ${train.imagesPerSecond.median.toFixed(1)} images/s (${train.stepMs.toFixed(0)} ms)`,
      );
    console.log(
      `predict ${prediction.imagesPerSecond.median.toFixed(1)} images/s; peak ${report.peakRssMB.toFixed(0)} MB; losses ${report.losses}`,
    );
  }
}
