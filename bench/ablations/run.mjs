// What each part of a recipe adds: evaluates the recipes of nerveflow.config.json beside this file, and the program's
// own, one after the other, and prints a table. Finished folds are kept in the store: start it again to go on.
//
//   node bench/ablations/run.mjs --raw ../shared/data/usgra/raw [--rows default,no-presence] [--seeds 1,2]
//   node bench/ablations/run.mjs --synthetic            half of the masks empty, --subjects 10, drawn from seed 1
//
// Each row is `nerveflow evaluate --recipe <row> --folds 5 --seeds 1,2 --json`, run in this folder.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrapInterval } from '../../dist/operators/bootstrap-interval.js';
import { meanOf } from '../../dist/operators/statistics.js';
import { writeSyntheticDataSet } from '../../dist/synthetic/data-set.js';
import { hearProgram } from '../hear-program.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    raw: { type: 'string' },
    synthetic: { type: 'boolean', default: false },
    subjects: { type: 'string', default: '10' },
    'per-subject': { type: 'string', default: '12' },
    store: { type: 'string', default: join(here, '../../store/ablations') },
    rows: { type: 'string' },
    seeds: { type: 'string', default: '1,2' },
    folds: { type: 'string', default: '5' },
    epochs: { type: 'string', default: '20' },
    size: { type: 'string', default: '64x80' },
    backend: { type: 'string', default: 'auto' },
    precision: { type: 'string', default: 'float32' },
    threads: { type: 'string' },
  },
});
if (options.synthetic === (options.raw !== undefined)) {
  throw new Error('either --raw <folder> or --synthetic');
}

const own = JSON.parse(readFileSync(join(here, 'nerveflow.config.json'), 'utf8')).recipes;
const rows = options.rows?.split(',') ?? ['tutorial', 'default', ...Object.keys(own)];
const store = join(resolve(options.store), options.synthetic ? 'synthetic' : 'raw');
const raw = options.synthetic ? join(store, 'raw') : resolve(options.raw);
await mkdir(store, { recursive: true });
if (options.synthetic && !existsSync(raw)) {
  await writeSyntheticDataSet(raw, {
    subjects: Number(options.subjects),
    perSubject: Number(options['per-subject']),
    test: 0,
    emptyShare: 0.5,
    size: { height: 420, width: 580 },
    seed: 1,
  });
}

const shared = ['--raw', raw, '--store', store, '--size', options.size];
await hearProgram(['ingest', ...shared], () => {}, here);
const table = [];
for (const row of rows) {
  const started = performance.now();
  let done;
  let trainedMs = 0;
  await hearProgram(
    [
      ...['evaluate', ...shared, '--recipe', row, '--epochs', options.epochs],
      ...['--folds', options.folds, '--seeds', options.seeds, '--backend', options.backend],
      ...[
        '--precision',
        options.precision,
        ...(options.threads ? ['--threads', options.threads] : []),
      ],
    ],
    (event) => {
      if (event.type === 'evaluation.done') done = event;
      if (event.type === 'train.epoch') trainedMs += event.ms;
    },
    here,
  );
  const { model, untuned, allEmpty, seedDice, foldSpread, csv } = done;
  table.push({ row, model, untuned, allEmpty, seedDice, foldSpread, trainedMs, csv });
  const name = `ablations-${options.size}-${options.epochs}.json`;
  await writeFile(join(store, name), `${JSON.stringify(table, null, 1)}\n`);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  process.stderr.write(`${row}: ${figure(model)} in ${minutes} min\n`);
}

const base = table.find(({ row }) => row === 'default');
const lines = table.map(
  ({ row, model, untuned, trainedMs, csv }) =>
    `| ${row} | ${figure(model)} | ${base && row !== 'default' ? difference(csv, base.csv) : ''} | ${untuned.dice.toFixed(3)} | ${model.positiveDice?.toFixed(3) ?? '-'} | ${(trainedMs / 1000).toFixed(0)} |`,
);
console.log(
  [
    '| recipe | Dice [95 %] | against default [95 %] | untuned | nerve present | seconds of training |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n'),
);
console.log(`all empty: ${table[0]?.allEmpty.dice.toFixed(3)}`);

/** Mean difference of the same images' Dice, bootstrapped over subjects. */
function difference(csv, baseCsv) {
  const base = dicesOf(baseCsv);
  const groups = new Map();
  for (const [key, { subject, dice }] of dicesOf(csv)) {
    groups.set(subject, [...(groups.get(subject) ?? []), dice - base.get(key).dice]);
  }
  const dice = meanOf([...groups.values()].flat(), (gain) => gain);
  return figure({ dice, diceInterval: bootstrapInterval([...groups.values()], 1) });
}

function dicesOf(csv) {
  const [head, ...rows] = readFileSync(csv, 'utf8').trim().split('\n');
  const columns = head.split(',');
  return new Map(
    rows.map((line) => {
      const cells = line.split(',');
      const cell = (name) => cells[columns.indexOf(name)];
      return [
        `${cell('id')} ${cell('seed')}`,
        { subject: cell('subject'), dice: Number(cell('dice')) },
      ];
    }),
  );
}

function figure({ dice, diceInterval }) {
  const ends = diceInterval && ` [${diceInterval.low.toFixed(3)}, ${diceInterval.high.toFixed(3)}]`;
  return `${dice.toFixed(3)}${ends ?? ''}`;
}
