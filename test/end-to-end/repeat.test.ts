import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Program, run } from '../support/program.js';
import { smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');

const modelIdOf = (program: Program) => program.all('train.done')[0]!.modelId;
const codes = (program: Program) => program.all('notice').map(({ code }) => code);
const weightsOf = (modelId: string) =>
  readFileSync(join(store, 'models', `model-${modelId}`, 'weights.bin'));

it('train --like gives the same weights, bit for bit, and refuses other data', async () => {
  await smallDataSet(raw, { subjects: 3, perSubject: 3, test: 0 });
  const ingest = ['ingest', '--json', '--raw', raw, '--store', store, '--size', '32x48'];
  expect((await run(ingest)).code).toBe(0);
  const train = ['train', '--json', '--store', store, '--backend', 'wasm', '--threads', '1'];
  const first = await run([
    ...train,
    '--recipe',
    'fast',
    '--size',
    '32x48',
    '--epochs',
    '2',
    '--seed',
    '7',
  ]);
  expect(first.program.stderr).toBe('');
  const original = modelIdOf(first.program);
  const weights = weightsOf(original);

  // None of the settings again: they come from the model.
  const again = await run([...train, '--like', original]);
  expect(again.code).toBe(0);
  expect(codes(again.program)).toEqual(expect.arrayContaining(['REPEATING', 'REPEATED']));
  const repeated = modelIdOf(again.program);
  expect(repeated).not.toBe(original);
  expect(weightsOf(repeated).equals(weights)).toBe(true);

  copyFileSync(join(raw, 'train', '1_1_mask.tif'), join(raw, 'train', '2_1_mask.tif'));
  await run(ingest);
  const refused = await run([...train, '--like', original]);
  expect(refused.code).toBe(1);
  expect(codes(refused.program)).toContain('DATA_DIFFERS');
  expect(refused.program.all('train.started')).toEqual([]);
}, 300_000);
