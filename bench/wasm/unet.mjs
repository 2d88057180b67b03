// The tutorial's U-Net for benchmarks of kernels; the program's own is in src/model.
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model } from '@tensorflow/tfjs-layers';

/** @returns a tf.LayersModel from [N, height, width, 1] to probabilities of the same shape. */
export function unet(height, width, filters, depth = 5) {
  const conv = (x, k) =>
    layers
      .conv2d({ filters: k, kernelSize: 3, padding: 'same', activation: 'relu' })
      .apply(
        layers.conv2d({ filters: k, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(x),
      );
  const x = input({ shape: [height, width, 1] });
  const skips = [];
  let h = x;
  for (let d = 0; d < depth - 1; d++) {
    h = conv(h, filters << d);
    skips.push(h);
    h = layers.maxPooling2d({ poolSize: 2 }).apply(h);
  }
  h = conv(h, filters << (depth - 1));
  for (let d = depth - 2; d >= 0; d--) {
    const up = layers
      .conv2dTranspose({ filters: filters << d, kernelSize: 2, strides: 2, padding: 'same' })
      .apply(h);
    h = conv(layers.concatenate().apply([up, skips[d]]), filters << d);
  }
  const y = layers.conv2d({ filters: 1, kernelSize: 1, activation: 'sigmoid' }).apply(h);
  return model({ inputs: x, outputs: y });
}

/** Negative Dice over the flattened batch, smooth = 1, as the tutorial has it. */
export function diceLoss(truth, probability) {
  const both = tf.sum(tf.mul(truth, probability));
  const all = tf.add(tf.sum(truth), tf.sum(probability));
  return tf.neg(tf.div(tf.add(tf.mul(both, 2), 1), tf.add(all, 1)));
}
