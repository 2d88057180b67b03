// What the presence gate adds: of one finished evaluation, mean image Dice on the original grid with the
// threshold alone, and with a gate beside it: by the presence output alone at 0.5, and by the program's evidence
// (the mean of presence and of how sure the network is of the pixels that it draws) at 0.5, or for each fold at what is
// best on the other folds. Nothing else is cleaned. The interval of the gain is bootstrapped over subjects.
//
//   node bench/presence-gate.mjs --raw <folder> store/evaluations/<evaluation>
import { parseArgs } from 'node:util';
import { bootstrapInterval } from '../dist/operators/bootstrap-interval.js';
import { imageDice } from '../dist/operators/dice.js';
import { postProcess, thresholdOnly } from '../dist/operators/post-processing.js';
import { meanOf } from '../dist/operators/statistics.js';
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
for (const [fold, { seed, images: heldOut }] of folds.entries()) {
  for (const { whole, subject, probabilities, presence } of heldOut) {
    if (presence === undefined) throw new Error('the recipe has no presence output');
    const scoreAt = (presenceThreshold) => {
      const settings = { ...thresholdOnly(0.5), presenceThreshold };
      const { mask, pixels } = postProcess(probabilities, size, whole, settings, presence);
      return { dice: imageDice(whole.data, mask), isFound: pixels > 0 };
    };
    const isThere = whole.data.includes(1);
    const at = new Map([null, ...candidates].map((least) => [least, scoreAt(least)]));
    const shut = { dice: isThere ? 0 : 1, isFound: false };
    images.push({
      fold,
      seed,
      subject,
      isThere,
      at,
      byPresence: presence < 0.5 ? shut : at.get(null),
    });
  }
}

const mean = (values) => meanOf(values, (value) => value);
const diceAt = (some, least) => mean(some.map(({ at }) => at.get(least).dice));
const leastOf = new Map(
  folds.map(({ seed }, fold) => {
    const others = images.filter((image) => image.seed === seed && image.fold !== fold);
    const best = candidates.reduce((best, one) =>
      diceAt(others, one) > diceAt(others, best) ? one : best,
    );
    return [fold, best];
  }),
);

const rows = [
  ['no gate', ({ at }) => at.get(null)],
  ['presence alone, at 0.5', ({ byPresence }) => byPresence],
  ['evidence, at 0.5', ({ at }) => at.get(0.5)],
  ['evidence, tuned on the others', ({ at, fold }) => at.get(leastOf.get(fold))],
];
console.log(
  `${images.length} images, ${images.filter(({ isThere }) => !isThere).length} without a nerve`,
);
console.log(`${''.padEnd(32)}Dice   gain [95 %]               precision  recall of presence`);
for (const [name, scoreOf] of rows) {
  const gains = new Map();
  for (const image of images) {
    const gain = scoreOf(image).dice - image.at.get(null).dice;
    gains.set(image.subject, [...(gains.get(image.subject) ?? []), gain]);
  }
  const { low, high } = bootstrapInterval([...gains.values()], 1);
  const gain = mean([...gains.values()].flat());
  const dice = mean(images.map((image) => scoreOf(image).dice));
  const found = images.filter((image) => scoreOf(image).isFound);
  const right = found.filter(({ isThere }) => isThere).length;
  const precision = right / found.length;
  const recall = right / images.filter(({ isThere }) => isThere).length;
  const interval = `${gain.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  console.log(
    `${name.padEnd(32)}${dice.toFixed(3)}  ${interval.padEnd(26)}${precision.toFixed(2).padEnd(11)}${recall.toFixed(2)}`,
  );
}
console.log('tuned to:', [...leastOf.values()].join(' '));
