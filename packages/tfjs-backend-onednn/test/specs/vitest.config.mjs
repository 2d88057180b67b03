// TensorFlow.js' own specs, as published in @tensorflow/tfjs-core's package, for the operations
// this backend has kernels for. Run by scripts/specs.mjs.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const tensorflow = `${root}node_modules/@tensorflow`;
const shim = fileURLToPath(new URL('./jasmine_util.js', import.meta.url));

const Operations = [
  'abs add add_n arithmetic batchnorm binary_ops broadcast_to cast clip_by_value clone concat',
  'conv1d conv2d conv2d_separable conv2d_transpose depthwise_conv2d equal exp expand_dims',
  'greater greater_equal less less_equal log log1p mat_mul max max_pool mean min moments neg',
  'not_equal ones ones_like pad pool reciprocal relu relu6 reverse rsqrt sigmoid slice slice1d',
  'slice2d slice3d slice4d softmax softplus split sqrt square squeeze stack step strided_slice',
  'sub sum tanh tile transpose unstack where zeros zeros_like dropout norm log_softmax',
].flatMap((line) => line.split(' '));

export default defineConfig({
  root,
  plugins: [
    {
      name: 'jasmine-on-vitest',
      enforce: 'pre',
      resolveId: (id) => (/\/jasmine_util(\.js)?$/.test(id) ? shim : undefined),
    },
  ],
  resolve: {
    // One copy of TensorFlow.js: the modules that the specs import.
    alias: [
      { find: /^@tensorflow\/tfjs-core$/, replacement: `${tensorflow}/tfjs-core/dist/index.js` },
      {
        find: /^@tensorflow\/tfjs-core\/dist\/(.*)$/,
        replacement: `${tensorflow}/tfjs-core/dist/$1`,
      },
      {
        find: /^@tensorflow\/tfjs-backend-cpu$/,
        replacement: `${tensorflow}/tfjs-backend-cpu/dist/index.js`,
      },
    ],
  },
  test: {
    globals: true,
    include: [
      ...Operations.map((name) => `node_modules/@tensorflow/tfjs-core/dist/ops/${name}_test.js`),
      'node_modules/@tensorflow/tfjs-core/dist/ops/fused/*_test.js',
      'node_modules/@tensorflow/tfjs-core/dist/ops/image/resize_*_test.js',
      'node_modules/@tensorflow/tfjs-core/dist/optimizers/adam_optimizer_test.js',
      'node_modules/@tensorflow/tfjs-core/dist/{gradients,variable,engine,tensor}_test.js',
    ],
    exclude: [],
    server: { deps: { inline: [/@tensorflow/, /seedrandom/, /\/long\//] } },
    testTimeout: 60_000,
  },
});
