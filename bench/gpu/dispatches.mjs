// What one training step gives the GPU to do, and how long the processor takes to say it.
//
//   node bench/gpu/dispatches.mjs [--recipe default] [--filters 4] [--size 16x16] [--batch 2] [--steps 6]
//
// NERVEFLOW_WEBGPU_SOFTWARE=1 takes a software adapter, which competes with this for the processor.
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-layers';
import { tensor4d } from '@tensorflow/tfjs-core';
import { Adam } from '../../dist/model/adam.js';
import { recipes } from '../../dist/model/recipe.js';
import { trainableVariables, trainingStep } from '../../dist/model/training-step.js';
import { buildUNet, logitsOf } from '../../dist/model/unet.js';

const { loadWebGpuBackend } = await import('../../dist/compute/webgpu/load.js');

const { values: options } = parseArgs({
  options: {
    recipe: { type: 'string', default: 'default' },
    filters: { type: 'string', default: '4' },
    size: { type: 'string', default: '16x16' },
    batch: { type: 'string', default: '2' },
    steps: { type: 'string', default: '6' },
  },
});
const loaded = await loadWebGpuBackend(process.env.NERVEFLOW_WEBGPU_SOFTWARE === '1', (why) => {
  throw new Error(why);
});
if (!loaded.usable) throw new Error(loaded.reason);

const [height, width] = options.size.split('x').map(Number);
const recipe = { ...recipes[options.recipe], filters: Number(options.filters) };
const unet = buildUNet({ ...recipe, size: { height, width }, seed: 1 }).value;
const logits = logitsOf(unet);
const adam = new Adam(trainableVariables(unet));
const shape = [Number(options.batch), height, width, 1];
const values = (of) => Float32Array.from({ length: shape[0] * height * width }, (_, i) => of(i));
const images = tensor4d(
  values((i) => Math.sin(i)),
  shape,
);
const masks = tensor4d(
  values((i) => (i % 3 === 0 ? 1 : 0)),
  shape,
);

let dispatches = 0;
const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...args) {
  dispatches++;
  return dispatchWorkgroups.apply(this, args);
};
const times = [];
// The first steps compile.
for (let step = -3; step < Number(options.steps); step++) {
  dispatches = 0;
  const start = performance.now();
  const figures = trainingStep(logits, adam, recipe, images, masks, 1e-3);
  if (step >= 0) times.push(performance.now() - start);
  await figures;
}
times.sort((a, b) => a - b);
console.log(
  `${loaded.device}, ${options.recipe}, ${options.filters} filters, ${options.size}, batch ${options.batch}: ` +
    `${dispatches} dispatches a step, encoded in ${times[Math.floor(times.length / 2)].toFixed(1)} ms (${times[0].toFixed(1)} to ${times.at(-1).toFixed(1)})`,
);
process.exit(0);
