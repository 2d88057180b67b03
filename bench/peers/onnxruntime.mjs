// A store's current model as ONNX in onnxruntime, beside ours: how many pixels of the masks differ on all images
// under raw/, and images a second from grey pixels to masks on the original grid, in turns, by one process
// each a round, one image at a time.
//
//   node bench/peers/onnxruntime.mjs --raw <folder> --store <folder> [--backend onednn|wasm] [--threads 2] [--rounds 5]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { candidateNamed } from '../../dist/compute/backends/candidates.js';
import { LoadedNetwork } from '../../dist/compute/child/loaded-network.js';
import { onnx } from '../../dist/exports/onnx.js';
import { postProcessingOfCard } from '../../dist/model/card.js';
import { decodeImage } from '../../dist/operators/decode.js';
import { postProcess } from '../../dist/operators/post-processing.js';
import { resizeImage } from '../../dist/operators/resize.js';
import { ModelRegistry } from '../../dist/store/model-registry.js';

const { values } = parseArgs({
  options: {
    raw: { type: 'string', default: './raw' },
    store: { type: 'string', default: './store' },
    backend: { type: 'string', default: 'onednn' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
  },
});
const threads = Number(values.threads);

const backend = candidateNamed(values.backend);
Object.assign(process.env, backend.environment({ threads, precision: 'float32' }));
const loaded = await backend.load({ threads, precision: 'float32' });
if (!loaded.usable) throw new Error(loaded.reason);

const current = await new ModelRegistry(join(values.store, 'models')).current();
if (current.status !== 'found') throw new Error('the store has no model');
const { card, folder } = current.value;
const network = new LoadedNetwork();
await network.load(folder);
// What the graph leaves out is no difference between the two.
const settings = {
  ...postProcessingOfCard(card),
  fillHoles: false,
  largestComponents: null,
  leastArea: 0,
};

const out = mkdtempSync(join(tmpdir(), 'nerveflow-onnx-'));
await onnx.write({ model: { card, folder } }, out);
const session = await InferenceSession.create(join(out, 'model.onnx'), {
  intraOpNumThreads: threads,
  // As ours: threads that spin while they wait take the processor from others.
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});
rmSync(out, { recursive: true });

const images = [];
for (const split of ['train', 'test']) {
  for (const name of readdirSync(join(values.raw, split))) {
    if (!name.endsWith('.tif') || name.includes('_mask')) continue;
    const decoded = await decodeImage(readFileSync(join(values.raw, split, name)), {
      maxPixels: 1e8,
    });
    if (decoded.ok) images.push(decoded.value);
  }
}

async function ours(image) {
  const { data } = await resizeImage(image, card.size);
  const { probabilities, presence } = await network.predict({ count: 1, images: data });
  return postProcess(probabilities, card.size, image, settings, presence?.[0]).mask;
}

async function theirs({ height, width, data }) {
  const { mask } = await session.run({ image: new Tensor('uint8', data, [1, 1, height, width]) });
  return mask.data;
}

let pixels = 0;
let different = 0;
let foreground = 0;
for (const image of images) {
  const [a, b] = [await ours(image), await theirs(image)];
  pixels += a.length;
  for (const [at, value] of a.entries()) {
    foreground += value;
    if (value !== b[at]) different++;
  }
}

const speeds = { ours: [], theirs: [] };
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, predict] of Object.entries({ ours, theirs })) {
    const start = performance.now();
    for (const image of images) await predict(image);
    speeds[name].push((1000 * images.length) / (performance.now() - start));
  }
}
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const range = (list) =>
  `${median(list).toFixed(1)} (${Math.min(...list).toFixed(1)} to ${Math.max(...list).toFixed(1)})`;
console.log(`${card.modelId}, recipe ${card.recipe}, ${images.length} images, ${threads} threads`);
console.log(
  `${different} of ${pixels} pixels differ (${((1e4 * different) / pixels).toFixed(3)} in 10,000); ${foreground} are foreground`,
);
console.log(
  `images/s: ours on ${loaded.device} ${range(speeds.ours)}, onnxruntime ${range(speeds.theirs)}`,
);
