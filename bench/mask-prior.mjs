// Whether a prior on the masks' shape pays: of finished evaluations, what a prior of so many components and such a
// weight adds to the mean image Dice of the held-out subjects, on the original grid and with the gate of the recipe
// `default` on both sides. Each fold's prior is of the masks that its own model was trained on. Then, with as many
// components as the program takes, what it adds when all is tuned on the other folds of the same seed; and the time
// that fitting and applying take.
//
//   node bench/mask-prior.mjs --raw ../shared/data/usgra/raw store/evaluations/*/
import { parseArgs } from 'node:util';
import { bootstrapInterval } from '../dist/operators/bootstrap.js';
import { imageDice } from '../dist/operators/dice.js';
import { fitMaskPrior, projectOnto } from '../dist/operators/mask-prior.js';
import { postProcess, untunedPostProcessing } from '../dist/operators/post-processing.js';
import { tunePostProcessing } from '../dist/operators/tune-post-processing.js';
import { readTrainedOn } from '../dist/store/trained-on.js';
import { heldOutFolds, truthReader } from './held-out-folds.mjs';

const { values, positionals } = parseArgs({
  options: {
    raw: { type: 'string', default: './raw' },
    size: { type: 'string', default: '64x80' },
  },
  allowPositionals: true,
});
const [height, width] = values.size.split('x').map(Number);
const size = { height, width };
const truthOf = truthReader(values.raw, size);

function toEnd(work) {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

/** With the masks that each fold's model was trained on. */
async function foldsOf(evaluation) {
  const folds = await heldOutFolds(evaluation, size, truthOf);
  return await Promise.all(
    folds.map(async (fold) => {
      const trainedOn = await readTrainedOn(fold.modelFolder);
      const learnt = await Promise.all(Object.keys(trainedOn.value.training).map(truthOf));
      return { ...fold, masks: learnt.map(({ truth }) => truth) };
    }),
  );
}

const folds = [];
for (const [number, folder] of positionals.entries()) {
  for (const fold of await foldsOf(folder))
    folds.push({ ...fold, group: `${number} ${fold.seed}` });
}

// As the default recipe begins.
const plain = untunedPostProcessing({ threshold: 0.5, presenceThreshold: 0.5 });
const diceOf = ({ whole, probabilities, presence }, settings, prior) =>
  imageDice(whole.data, postProcess(probabilities, size, whole, settings, presence, prior).mask);

/** Gain of every held-out image. */
function gainsOf(priorOf, settingsOf, insteadOf = () => plain) {
  return folds.flatMap((fold) => {
    const prior = priorOf(fold);
    const [settings, other] = [settingsOf(fold), insteadOf(fold)];
    return fold.images.map((image) => ({
      subject: image.subject,
      value: diceOf(image, settings, prior) - diceOf(image, other, prior),
    }));
  });
}

function print(name, gains) {
  const mean = gains.reduce((sum, { value }) => sum + value, 0) / gains.length;
  const bySubject = new Map();
  for (const { subject, value } of gains) {
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), value]);
  }
  const { low, high } = bootstrapInterval([...bySubject.values()], 1);
  const better = gains.filter(({ value }) => value > 0).length;
  const worse = gains.filter(({ value }) => value < 0).length;
  const cells = [mean, low, high].map((x) => x.toFixed(4).padStart(9));
  console.log(`${name.padEnd(44)}${cells.join('')}${`${better}/${worse}`.padStart(10)}`);
}

console.log(
  `${folds.length} folds, ${folds.reduce((n, { images }) => n + images.length, 0)} held-out images`,
);
console.log(`${''.padEnd(44)}     mean      low     high  better/worse`);
for (const most of [5, 10, 20]) {
  const priors = new Map(folds.map((fold) => [fold, toEnd(fitMaskPrior(fold.masks, most))]));
  for (const priorWeight of [0.25, 0.5, 1]) {
    const gains = gainsOf(
      (fold) => priors.get(fold),
      () => ({ ...plain, priorWeight }),
    );
    print(`${most} components, weight ${priorWeight}`, gains);
  }
  for (const priorWeight of [0.5, 1]) {
    for (const threshold of [0.3, 0.4]) {
      const both = () => ({ ...plain, threshold, priorWeight });
      const alone = () => ({ ...plain, threshold });
      const gains = gainsOf((fold) => priors.get(fold), both, alone);
      print(`the same, weight ${priorWeight}, threshold ${threshold} on both sides`, gains);
    }
  }
}

const priors = new Map(folds.map((fold) => [fold, toEnd(fitMaskPrior(fold.masks))]));
for (const clear of [0, 2]) {
  const settingsOf = (isPrior) => (fold) => {
    const others = folds.filter((other) => other !== fold && other.group === fold.group);
    const samples = others.flatMap((other) =>
      other.images.map((image) => ({
        ...image,
        ...(isPrior && { projection: projectOnto(priors.get(other), image.probabilities) }),
      })),
    );
    return toEnd(tunePostProcessing(samples, size, plain, clear)).settings;
  };
  const priorOf = (fold) => priors.get(fold);
  print(
    `tuned with it, not without, from ${clear} SE`,
    gainsOf(priorOf, settingsOf(true), settingsOf(false)),
  );
  const weights = folds.map((fold) => settingsOf(true)(fold).priorWeight);
  console.log(`  weights chosen: ${weights.join(' ')}`);
}

const many = Array.from({ length: 300 }, (_, nth) => folds[nth % folds.length].masks[nth % 30]);
let longest = 0;
const began = performance.now();
for (const fit = fitMaskPrior(many); ; ) {
  const before = process.cpuUsage();
  const { done } = fit.next();
  const { user, system } = process.cpuUsage(before);
  longest = Math.max(longest, (user + system) / 1000);
  if (done) break;
}
const fitMs = performance.now() - began;
console.log(
  `fitting ${many.length} masks: ${fitMs.toFixed(0)} ms, longest slice ${longest.toFixed(1)} ms of processor time`,
);
const prior = priors.get(folds[0]);
const map = folds[0].images[0].probabilities;
const times = Array.from({ length: 200 }, () => {
  const start = performance.now();
  projectOnto(prior, map);
  return performance.now() - start;
}).sort((a, b) => a - b);
console.log(`projection of one image: ${times[100].toFixed(3)} ms (median of 200)`);
