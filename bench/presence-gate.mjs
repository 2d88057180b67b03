// What the presence gate adds: of one finished evaluation, mean image Dice on the original grid with the recipe's
// threshold alone, and with the gate beside it; its threshold fixed at 0.5, or for each fold the one that is best on
// the other folds. Nothing else is cleaned. The interval of the gain is bootstrapped over subjects.
//
//   node bench/presence-gate.mjs --raw <folder> store/evaluations/<evaluation>
import { parseArgs } from 'node:util';
import { bootstrapInterval } from '../dist/operators/bootstrap.js';
import { imageDice } from '../dist/operators/dice.js';
import { postProcess, thresholdOnly } from '../dist/operators/post-processing.js';
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
const candidates = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

const images = [];
const folds = await heldOutFolds(positionals[0], size, truthReader(values.raw, size));
for (const [number, fold] of folds.entries()) {
  for (const { whole, subject, probabilities, presence } of fold.images) {
    if (presence === undefined) throw new Error('the recipe has no presence output');
    const { mask } = postProcess(probabilities, size, whole, thresholdOnly(0.5));
    const isThere = whole.data.includes(1);
    images.push({
      group: number,
      seed: fold.seed,
      subject,
      presence,
      isThere,
      found: mask.includes(1),
      open: imageDice(whole.data, mask),
      shut: isThere ? 0 : 1,
    });
  }
}

const gated = (image, least) => (image.presence < least ? image.shut : image.open);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
function bestOn(others) {
  const scored = candidates.map((least) => ({
    least,
    dice: mean(others.map((image) => gated(image, least))),
  }));
  return scored.reduce((best, one) => (one.dice > best.dice ? one : best)).least;
}
const leastOf = new Map();
for (const { group, seed } of images)
  if (!leastOf.has(group))
    leastOf.set(group, bestOn(images.filter((one) => one.seed === seed && one.group !== group)));

const rows = [
  ['no gate', () => 0],
  ['gate at 0.5', () => 0.5],
  ['gate tuned on the other folds', ({ group }) => leastOf.get(group)],
];
console.log(
  `${images.length} images, ${images.filter(({ isThere }) => !isThere).length} without a nerve`,
);
console.log(`${''.padEnd(32)}Dice   gain [95 %]               precision  recall of presence`);
for (const [name, least] of rows) {
  const groups = new Map();
  for (const image of images) {
    const gain = gated(image, least(image)) - image.open;
    groups.set(image.subject, [...(groups.get(image.subject) ?? []), gain]);
  }
  const { low, high } = bootstrapInterval([...groups.values()], 1);
  const dice = mean(images.map((image) => gated(image, least(image))));
  const found = images.filter((image) => image.found && image.presence >= least(image));
  const right = found.filter(({ isThere }) => isThere).length;
  const gain = dice - mean(images.map(({ open }) => open));
  console.log(
    `${name.padEnd(32)}${dice.toFixed(3)}  ${`${gain.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`.padEnd(26)}${(right / found.length).toFixed(2).padEnd(11)}${(right / images.filter(({ isThere }) => isThere).length).toFixed(2)}`,
  );
}
console.log('gate thresholds:', [...leastOf.values()].join(' '));
