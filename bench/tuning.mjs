// How boldly post-processing should be tuned: of finished evaluations, the mean image Dice on the original grid with
// nothing tuned, with other fixed settings, and tuned for each fold on a few images (as many as a fold's own
// validation has) or on all of the other folds, taking a gain for real from 0, 1 or 2 standard errors on.
//
//   node bench/tuning.mjs --raw ../shared/data/usgra/raw store/evaluations/*/
import { parseArgs } from 'node:util';
import { imageDice } from '../dist/operators/dice.js';
import { postProcess, thresholdOnly } from '../dist/operators/post-processing.js';
import { meanOf } from '../dist/operators/statistics.js';
import { tunePostProcessing } from '../dist/operators/tune-post-processing.js';
import { heldOutFolds, truthReader } from './held-out-folds.mjs';

const { values, positionals } = parseArgs({
  options: {
    raw: { type: 'string', default: './raw' },
    size: { type: 'string', default: '64x80' },
    few: { type: 'string', default: '10' },
  },
  allowPositionals: true,
});
const [height, width] = values.size.split('x').map(Number);
const size = { height, width };
const truthOf = truthReader(values.raw, size);

function tuned(samples, clear) {
  const tuning = tunePostProcessing(samples, size, thresholdOnly(0.5), clear);
  for (let step = tuning.next(); ; step = tuning.next()) if (step.done) return step.value.settings;
}

const diceOf = ({ whole, probabilities, presence }, settings) =>
  imageDice(whole.data, postProcess(probabilities, size, whole, settings, presence).mask);

const evaluations = [];
for (const folder of positionals) {
  const folds = await heldOutFolds(folder, size, truthOf);
  if (folds.length > 1) evaluations.push(folds);
}

/** Gain over the threshold 0.5 alone, of each evaluation. */
function gainsOf(settingsFor) {
  return evaluations.map((folds) => {
    const gains = folds.flatMap((fold, index) => {
      const others = folds.filter((other) => other !== fold && other.seed === fold.seed);
      const settings = settingsFor(others, index);
      return fold.images.map(
        (image) => diceOf(image, settings) - diceOf(image, thresholdOnly(0.5)),
      );
    });
    return meanOf(gains, (gain) => gain);
  });
}

const few = (others, index) => others[index % others.length].images.slice(0, Number(values.few));
const all = (others) => others.flatMap(({ images }) => images);
const rows = [
  ...[0.3, 0.4, 0.45].map((least) => [`threshold ${least}`, () => thresholdOnly(least)]),
  ['largest component', () => ({ ...thresholdOnly(0.5), largestComponents: 1 })],
  ...[0, 1, 2].flatMap((clear) => [
    [
      `tuned on ${values.few}, from ${clear} SE`,
      (others, index) => tuned(few(others, index), clear),
    ],
    [`tuned on the other folds, from ${clear} SE`, (others) => tuned(all(others), clear)],
  ]),
];
console.log(`${evaluations.length} evaluations; gain of mean image Dice over threshold 0.5`);
console.log(`${''.padEnd(36)}   mean  lowest highest`);
for (const [name, settingsFor] of rows) {
  const gains = gainsOf(settingsFor);
  const mean = meanOf(gains, (gain) => gain);
  const cells = [mean, Math.min(...gains), Math.max(...gains)].map((x) => x.toFixed(4).padStart(8));
  console.log(`${name.padEnd(36)}${cells.join('')}`);
}
