// How much Dice contradictory near-duplicates cost, and how much of it cleaning brings back.
//
//   node bench/cleaning/run.mjs [--seeds 1,2,...,10] [--emptied 0.6] [--displaced 0] [--where training]
//                               [--epochs 60] [--size 32x48] [--filters 8] [--backend auto] [--threads 1]
//
// For each seed: a synthetic set of sweeps with true masks; the same with the masks of some near-identical
// frames emptied (and outlines displaced), trained on as it is and with cleaning. With --where training the
// masks of the subjects that validate are right: else these choose the epoch and the threshold by wrong
// masks, which no cleaning of training masks can mend; --where everywhere spoils theirs too. Scored on other
// people's images with true masks, on their own grid. Prints a row a training, then the mean, a 95 % bootstrap
// interval over seeds, and precision and recall of what was left out.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { meanImageDice } from '../../dist/operators/mean-image-dice.js';
import { randomFrom } from '../../dist/operators/seeded-random.js';
import { meanOf } from '../../dist/operators/statistics.js';
import { validationSubjects } from '../../dist/operators/subject-folds.js';
import { parseSubmission } from '../../dist/store/submission-csv.js';
import { hearProgram } from '../hear-program.mjs';

// The set is TypeScript, as its tests are.
execFileSync('npx', ['tsc', '-p', fileURLToPath(new URL('..', import.meta.url))]);
const { faultsFile, writeFaultySet } = await import('../dist/bench/cleaning/faulty-set.js');

const { values: asked } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5,6,7,8,9,10' },
    emptied: { type: 'string', default: '0.6' },
    displaced: { type: 'string', default: '0' },
    where: { type: 'string', default: 'training' },
    epochs: { type: 'string', default: '60' },
    size: { type: 'string', default: '32x48' },
    filters: { type: 'string', default: '8' },
    backend: { type: 'string', default: 'auto' },
    threads: { type: 'string', default: '1' },
  },
});
const set = {
  subjects: 6,
  sweepsPerSubject: 9,
  frames: 3,
  emptyShare: 0.3,
  test: 60,
  size: { height: 210, width: 290 },
};

// As `train` deals them with its default of 5 folds.
const subjects = Array.from({ length: set.subjects }, (_, nth) => nth + 1);
const spared =
  asked.where === 'training' ? validationSubjects(subjects, { folds: 5, fold: 0 }) : new Set();

const home = mkdtempSync(join(tmpdir(), 'nerveflow-cleaning-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
const recipes = { small: { extends: 'fast', filters: Number(asked.filters) } };
writeFileSync(join(home, 'nerveflow.config.json'), JSON.stringify({ recipes }));
const rows = [];
console.log('seed  clean   dirty   cleaned  recovered  left out  precision  recall');
for (const seed of asked.seeds.split(',').map(Number)) rows.push(await measure(seed));
summarise(rows);

async function measure(seed) {
  const clean = join(home, `clean-${seed}`);
  const dirty = join(home, `dirty-${seed}`);
  await writeFaultySet(clean, { ...set, seed, emptied: 0, displaced: 0 });
  const faults = { emptied: Number(asked.emptied), displaced: Number(asked.displaced), spared };
  await writeFaultySet(dirty, { ...set, seed, ...faults });
  const without = await train(clean, seed, 'none');
  const asItIs = await train(dirty, seed, 'none');
  const cleaned = await train(dirty, seed, 'contradictions');
  const row = {
    seed,
    clean: without.dice,
    dirty: asItIs.dice,
    cleaned: cleaned.dice,
    ...judged(dirty, cleaned),
  };
  const { leftOut, planted, right } = row;
  console.log(
    [
      String(seed).padEnd(5),
      ...[row.clean, row.dirty, row.cleaned].map((dice) => dice.toFixed(3).padEnd(7)),
      percent(recovered([row])).padEnd(10),
      `${leftOut} of ${row.pairs}`.padEnd(9),
      percent(right / leftOut).padEnd(10),
      percent(right / planted),
    ].join(' '),
  );
  for (const folder of [clean, dirty]) rmSync(folder, { recursive: true, force: true });
  return row;
}

/** Trains and predicts with the program itself; Dice of its submission against the truth. */
async function train(raw, seed, cleaning) {
  const store = join(raw, `store-${cleaning}`);
  const args = ['watch', '--once', '--raw', raw, '--store', store, '--recipe', 'small'];
  args.push('--cleaning', cleaning, '--seed', String(seed), '--size', asked.size);
  args.push('--epochs', asked.epochs, '--backend', asked.backend, '--threads', asked.threads);
  const result = { ids: [] };
  const hear = (event) => {
    if (event.type === 'train.started') result.pairs = event.pairs;
    if (event.type === 'train.cleaned') Object.assign(result, { ids: event.ids });
    if (event.type === 'train.done') result.modelId = event.modelId;
  };
  await hearProgram(args, hear, home);
  const samples = JSON.parse(
    readFileSync(join(store, 'models', `model-${result.modelId}`, 'samples.json'), 'utf8'),
  );
  result.training = new Set([...Object.keys(samples.training), ...result.ids]);
  const truth = parseSubmission(readFileSync(join(raw, 'test-truth.csv'), 'utf8'));
  const rles = parseSubmission(readFileSync(join(store, 'submission.csv'), 'utf8'));
  const predicted = new Map([...rles].map(([id, rle]) => [id, { rle, ...set.size }]));
  const dice = meanImageDice(truth, predicted);
  if (!dice.ok) throw new Error(dice.failure.message);
  return { ...result, dice: dice.value };
}

/** What was left out against what was planted among the training subjects. */
function judged(raw, { ids, training }) {
  const lines = readFileSync(join(raw, faultsFile), 'utf8').trim().split('\n').slice(1);
  const faulty = new Set(
    lines
      .map((line) => line.split(','))
      .filter(([id, fault]) => fault !== 'none' && training.has(id))
      .map(([id]) => id),
  );
  const right = ids.filter((id) => faulty.has(id)).length;
  return { leftOut: ids.length, planted: faulty.size, right, pairs: training.size };
}

function recovered(some) {
  const mean = (key) => meanOf(some, (row) => row[key]);
  return (mean('cleaned') - mean('dirty')) / (mean('clean') - mean('dirty'));
}

function summarise(all) {
  const mean = (key, of = all) => meanOf(of, (row) => row[key]);
  const random = randomFrom('bootstrap');
  const resample = () => all.map(() => all[Math.floor(random() * all.length)]);
  const interval = (figure) => {
    const figures = Array.from({ length: 2000 }, () => figure(resample())).sort((a, b) => a - b);
    return [figures[50], figures[1949]];
  };
  for (const key of ['clean', 'dirty', 'cleaned']) {
    const [low, high] = interval((of) => mean(key, of));
    console.log(
      `${key.padEnd(10)} ${mean(key).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`,
    );
  }
  const [low, high] = interval(recovered);
  console.log(`recovered  ${percent(recovered(all))} (${percent(low)} to ${percent(high)})`);
  const sum = (key) => all.reduce((total, row) => total + row[key], 0);
  const precision = percent(sum('right') / sum('leftOut'));
  console.log(
    `left out   ${sum('leftOut')}, planted ${sum('planted')}: precision ${precision}, recall ${percent(sum('right') / sum('planted'))}`,
  );
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
