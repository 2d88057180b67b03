import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Program } from '../support/program.js';
import { smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const settleMs = 100;
const drops = Number(process.env.DROPS ?? 30);
const backend = process.env.BACKEND ?? 'onednn';
const recipe = process.env.RECIPE ?? 'fast';

it(`a dropped image is a row within 300 ms after it has settled (median of ${drops})`, async () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'raw');
  await smallDataSet(raw, { subjects: 3, perSubject: 4, test: 20 });
  const program = new Program([
    ...['watch', '--json', '--raw', raw, '--store', join(folder, 'store'), '--epochs', '1'],
    ...['--backend', backend, '--recipe', recipe, '--size', '64x80', '--settle', `${settleMs}`],
  ]);
  await program.next('caught-up');
  const latencies: number[] = [];
  for (let nth = 0; nth < drops; nth++) {
    const from = program.events.length;
    const image = readFileSync(join(raw, 'test', `${1 + (nth % 20)}.tif`));
    // A last byte of its own: equal images would be given the row that is known.
    const own = Buffer.concat([image, Buffer.of(nth)]);
    writeFileSync(join(raw, 'test', `${100 + nth}.tif`), own);
    const dropped = performance.now();
    await program.next('submission.written', from);
    latencies.push(performance.now() - dropped - settleMs);
    await program.next('caught-up', from);
  }
  program.signal('SIGINT');
  await program.exited;
  latencies.sort((a, b) => a - b);
  const [least, median, most] = [0, drops >> 1, drops - 1].map((at) => Math.round(latencies[at]!));
  console.log(`row after settling, ms: ${median} (${least} to ${most}), backend ${backend}`);
  expect(median).toBeLessThan(300);
}, 300_000);
