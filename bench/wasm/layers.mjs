// Each convolution of one training step of a U-Net on the wasm backend, with the rate it reaches.
// node bench/wasm/layers.mjs [--size 64x80] [--filters 8] [--batch 32] [--threads 1], after `npm run build`.
// Rates count the multiplications of the direct form, so Winograd's can exceed what the core can do.
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { loadWasmBackend } from '../../dist/compute/wasm/load.js';
import { diceLoss, unet } from './unet.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '64x80' },
    filters: { type: 'string', default: '8' },
    batch: { type: 'string', default: '32' },
    threads: { type: 'string', default: '1' },
  },
});
const [height, width] = values.size.split('x').map(Number);
await loadWasmBackend(Number(values.threads));
const net = unet(height, width, Number(values.filters));
const x = tf.randomNormal([Number(values.batch), height, width, 1]);
const y = tf.cast(tf.greater(x, 0.8), 'float32');
const optimizer = tf.train.adam(1e-3);

// Of each call the best of several steps, so that other programs' work counts little.
const best = [];
for (let i = 0; i < 12; i++) {
  const { kernels } = await tf.profile(() =>
    tf.tidy(() => optimizer.minimize(() => diceLoss(y, net.apply(x, { training: true })), true)),
  );
  for (const [call, kernel] of kernels.entries()) {
    const ms = Math.min(kernel.kernelTimeMs, best[call]?.ms ?? Number.POSITIVE_INFINITY);
    best[call] = {
      ms,
      name: kernel.name,
      inputs: kernel.inputShapes,
      outputs: kernel.outputShapes,
    };
  }
}

const product = (shape) => shape.reduce((a, b) => a * b, 1);
function operations({ name, inputs, outputs }) {
  const [a, b] = inputs;
  if (name === 'Conv2DBackpropFilter') return 2 * product(outputs[0]) * product(b.slice(0, 3));
  const pixels = name === 'Conv2DBackpropInput' ? a : outputs[0];
  return 2 * product(b) * product(pixels.slice(0, 3));
}
for (const call of best.filter(({ name }) => /Conv2D/.test(name) && name !== 'fusedConv2d__op')) {
  const rate = operations(call) / call.ms / 1e6;
  const shapes = `${call.inputs
    .slice(0, 2)
    .map((s) => s.join('x'))
    .join(' ')} -> ${call.outputs[0].join('x')}`;
  console.log(
    `${call.name.padEnd(22)} ${shapes.padEnd(56)} ${call.ms.toFixed(2).padStart(8)} ms ${rate.toFixed(1).padStart(6)} GFLOP/s`,
  );
}
