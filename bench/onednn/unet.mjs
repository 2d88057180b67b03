// The network that is measured: the 32..512 U-Net of 7,759,521 parameters, or a narrower one.
import * as tfl from '@tensorflow/tfjs-layers';

export function unet(height, width, base = 32) {
  let seed = 1;
  const conv = (x, filters, size = 3, activation = 'relu') =>
    tfl.layers
      .conv2d({
        filters,
        kernelSize: size,
        padding: 'same',
        activation,
        kernelInitializer: tfl.initializers.glorotUniform({ seed: seed++ }),
      })
      .apply(x);
  const block = (x, filters) => conv(conv(x, filters), filters);
  const input = tfl.input({ shape: [height, width, 1] });
  const skips = [];
  let x = input;
  for (let level = 0; level < 4; level++) {
    x = block(x, base << level);
    skips.push(x);
    x = tfl.layers.maxPooling2d({ poolSize: 2 }).apply(x);
  }
  x = block(x, base << 4);
  for (let level = 3; level >= 0; level--) {
    const up = tfl.layers
      .conv2dTranspose({
        filters: base << level,
        kernelSize: 2,
        strides: 2,
        padding: 'same',
        kernelInitializer: tfl.initializers.glorotUniform({ seed: seed++ }),
      })
      .apply(x);
    x = tfl.layers.concatenate({ axis: 3 }).apply([up, skips[level]]);
    x = block(x, base << level);
  }
  return tfl.model({ inputs: input, outputs: conv(x, 1, 1, 'sigmoid') });
}
