// TensorFlow.js' own WebGPU kernels and ours, in turn, on one shape: medians and their ratio.
//
//   node bench/gpu/kernels.mjs [--shape 8x64x80x32] [--rounds 5]
//
// NERVEFLOW_WEBGPU_SOFTWARE=1 takes a software adapter, whose ratios say little of a GPU.
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-layers';
import { engine, getKernel, randomNormal, sum } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';

const { values: options } = parseArgs({
  options: {
    shape: { type: 'string', default: '8x64x80x32' },
    rounds: { type: 'string', default: '5' },
  },
});
const shape = options.shape.split('x').map(Number);
const channels = shape[3];
const names = ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'MaxPoolGrad', 'Sum'];
const own = Object.fromEntries(names.map((name) => [name, getKernel(name, 'webgpu').kernelFunc]));

const { loadWebGpuBackend } = await import('../../dist/compute/webgpu/load.js');
const allowSoftware = process.env.NERVEFLOW_WEBGPU_SOFTWARE === '1';
const loaded = await loadWebGpuBackend(allowSoftware, (why) => {
  throw new Error(why);
});
if (!loaded.usable) throw new Error(loaded.reason);
console.log(`${loaded.device}, ${options.shape}, ms, median of ${options.rounds}`);

const x = randomNormal(shape);
const filter = randomNormal([3, 3, channels, channels]);
const halved = randomNormal([shape[0], shape[1] / 2, shape[2] / 2, channels]);
const convolution = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
const pooling = { filterSize: 2, strides: 2, pad: 'valid' };
const runs = {
  Conv2D: [{ x, filter }, convolution],
  Conv2DBackpropInput: [
    { dy: x, filter },
    { ...convolution, inputShape: shape },
  ],
  Conv2DBackpropFilter: [
    { x, dy: x },
    { ...convolution, filterShape: filter.shape },
  ],
  MaxPoolGrad: [{ dy: halved, input: x, output: halved }, pooling],
  Sum: [{ x }, { axis: [0, 1, 2], keepDims: false }],
};

for (const name of names) {
  const [inputs, attrs] = runs[name];
  const contenders = { own: own[name], ours: getKernel(name, 'webgpu').kernelFunc };
  const times = { own: [], ours: [] };
  for (let round = 0; round <= Number(options.rounds); round++) {
    for (const [who, kernel] of Object.entries(contenders)) {
      const start = performance.now();
      const info = kernel({ inputs, attrs, backend: engine().backend });
      const output = engine().makeTensorFromTensorInfo(info);
      await sum(output).data();
      output.dispose();
      // The first round compiles.
      if (round > 0) times[who].push(performance.now() - start);
    }
  }
  const [before, after] = [times.own, times.ours].map(
    (each) => each.sort((a, b) => a - b)[Math.floor(each.length / 2)],
  );
  console.log(
    `${name.padEnd(22)}${before.toFixed(1).padStart(9)}${after.toFixed(1).padStart(9)}${(before / after).toFixed(2).padStart(8)}x`,
  );
}
process.exit(0);
