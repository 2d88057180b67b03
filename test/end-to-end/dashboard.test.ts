import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cli } from '../support/program.js';
import { RealTerminal } from '../support/real-terminal.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const terminals: RealTerminal[] = [];
afterAll(() => {
  for (const { pty } of terminals) pty.kill('SIGKILL');
});

function open(columns: number, rows: number, ...args: string[]): RealTerminal {
  const terminal = new RealTerminal(columns, rows, [cli, ...args]);
  terminals.push(terminal);
  return terminal;
}

it('a person sees the whole way, from the first image to the end, and another looks on', async () => {
  mkdirSync(folder, { recursive: true });
  await smallDataSet(raw);
  await writeFile(join(raw, 'train', '1_99.tif'), 'no image');
  const own = open(
    120,
    40,
    'watch',
    '--raw',
    raw,
    '--store',
    store,
    ...smallAndQuick,
    // Long enough to be seen on a fast machine.
    '--epochs',
    '80',
  );
  await own.shows(/▲ training/, 30_000);
  await own.shows(/● watching {2}all caught up/, 60_000);
  await own.shows(/Training {2}done after \d+s/);
  await own.shows(/submission\.csv 4 rows/);
  await own.shows(/test image \d+: /);
  await own.shows(/▀{30}/);
  await own.shows(/compute +(·|[\d.]+%) CPU +\d+ MB/, 15_000);
  await own.shows('Failures  1');
  expect(await own.screen()).toMatch(/✗ train\/1_99\.tif/);

  const viewer = open(80, 24, 'attach', '--store', store, '--control');
  await viewer.shows(/● watching {2}all caught up/);
  await viewer.shows(/attached to process \d+ \(watch\), keys ask it/);
  viewer.pty.write(' ');
  await viewer.shows('‖ paused');
  await own.shows('‖ paused');
  viewer.pty.write('q');
  expect(await viewer.ended).toMatchObject({ exitCode: 0 });
  expect(await viewer.screen()).toMatch(/left process \d+ \(watch\)/);

  own.pty.write(' ');
  await own.shows('● watching');
  own.resize(80, 24);
  await own.shows(/Predictions {2}4 rows/);
  expect(await own.screen()).toMatch(/What the model sees {2}\d\/\d/);
  own.pty.write('q');
  expect(await own.ended).toMatchObject({ exitCode: 130 });
  expect(own.onAlternateScreen).toBe(false);
  expect(await own.screen()).toMatch(
    /nerveflow ran for .*\n.*took in.*\n.*trained .*\n.*predicted.*\n.*wrote/,
  );
}, 120_000);
