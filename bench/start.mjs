// How long the program takes until it can compute, with and without timings of the backends that it
// remembers (doctor --bench), by turns, on an unchanged small folder: medians of milliseconds.
//
//   node bench/start.mjs [--rounds 5]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { spreadOf } from '../dist/measure/spread.js';
import { writeSyntheticDataSet } from '../dist/synthetic/data-set.js';
import { hearProgram } from './hear-program.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const folder = mkdtempSync(join(tmpdir(), 'nerveflow-start-'));
const [raw, store] = [join(folder, 'raw'), join(folder, 'store')];
const network = ['--recipe', 'fast', '--size', '32x48'];
const timings = join(store, 'backends.json');
const aside = join(folder, 'backends.json');

try {
  const size = { height: 64, width: 96 };
  await writeSyntheticDataSet(raw, {
    subjects: 4,
    perSubject: 3,
    test: 4,
    emptyShare: 0.3,
    size,
    seed: 1,
  });
  program('watch', '--once', '--raw', raw, '--store', store, '--epochs', '1', ...network);
  program('doctor', '--bench', '--raw', raw, '--store', store, ...network);
  const found = { remembered: [], forgotten: [] };
  for (let round = 0; round < Number(options.rounds); round++) {
    found.remembered.push(await start());
    renameSync(timings, aside);
    found.forgotten.push(await start());
    renameSync(aside, timings);
  }
  for (const [name, starts] of Object.entries(found)) {
    const backends = new Set(starts.map(({ backend }) => backend));
    const columns = ['ready', 'compute', 'ended'].map((what) => {
      const { median, min, max } = spreadOf(starts.map((each) => each[what]));
      return `${what} ${Math.round(median)} (${Math.round(min)} to ${Math.round(max)})`;
    });
    console.log(`${name}: ${columns.join(', ')} ms; ${[...backends].join(', ')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function program(...args) {
  execFileSync(process.execPath, ['dist/cli.js', ...args], { stdio: ['ignore', 2, 2] });
}

/** Milliseconds from the start of the process to its first event of each kind, and to its end. */
async function start() {
  const begin = performance.now();
  const args = ['watch', '--once', '--raw', raw, '--store', store, '--epochs', '1', ...network];
  const seen = {};
  await hearProgram(args, (event) => {
    const now = performance.now() - begin;
    if (event.type === 'ready') {
      seen.ready ??= now;
      seen.backend ??= event.backend;
    }
    if (event.type === 'compute' && event.state === 'ready') seen.compute ??= now;
  });
  return { ...seen, ended: performance.now() - begin };
}
