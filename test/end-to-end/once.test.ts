import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeMask } from '../../src/operators/decode.js';
import { meanImageDice } from '../../src/operators/mean-image-dice.js';
import { encodeRle } from '../../src/operators/rle.js';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { type Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const images = { subjects: 6, perSubject: 10, test: 12 };
const args = ['watch', '--once', '--json', '--raw', raw, '--store', store, ...smallAndQuick];
const size = { height: 96, width: 128 };

const rowsOf = (path: string) => parseSubmission(readFileSync(path, 'utf8'));

describe('watch --once on a synthetic data set', () => {
  let first: Program;
  let code: number | null;

  beforeAll(async () => {
    await smallDataSet(raw, images);
    ({ code, program: first } = await run([...args, '--epochs', '30']));
  }, 120_000);

  it('ends well, beginning with ready and ending with stopped', () => {
    expect(first.stderr).toBe('');
    expect(code).toBe(0);
    expect(first.events[0]).toMatchObject({ type: 'ready', backend: 'wasm' });
    expect(first.events.at(-1)).toEqual({ type: 'stopped', reason: 'done' });
  });

  it('takes in every pair and test image once', () => {
    const ids = first.all('item.ingested').map(({ split, id }) => `${split}/${id}`);
    expect(new Set(ids).size).toBe(72);
    expect(ids).toHaveLength(72);
  });

  it('trains every epoch and keeps whole subjects for validation', () => {
    expect(first.all('train.epoch')).toHaveLength(30);
    const [started] = first.all('train.started');
    expect(started!.pairs + started!.validationPairs).toBe(60);
    expect(started!.validationPairs % images.perSubject).toBe(0);
    expect(started!.validationPairs).toBeGreaterThan(0);
  });

  it('writes a row and a mask for every test image, and they agree', async () => {
    const rows = rowsOf(join(store, 'submission.csv'));
    expect([...rows.keys()]).toEqual(Array.from({ length: 12 }, (_, n) => `${n + 1}`));
    expect(readdirSync(join(store, 'masks'))).toHaveLength(12);
    for (const [id, rle] of rows) {
      const png = readFileSync(join(store, 'masks', `${id}_mask.png`));
      const mask = await decodeMask(png, { maxPixels: 1e6 });
      expect(mask.ok && encodeRle(mask.value.data, mask.value)).toBe(rle);
    }
  });

  it('finds the nerves that were drawn', () => {
    const truth = rowsOf(join(raw, 'test-truth.csv'));
    const predicted = new Map(
      [...rowsOf(join(store, 'submission.csv'))].map(([id, rle]) => [id, { rle, ...size }]),
    );
    const empty = new Map([...predicted.keys()].map((id) => [id, { rle: '', ...size }]));
    const dice = meanImageDice(truth, predicted);
    const allEmpty = meanImageDice(truth, empty);
    if (!dice.ok || !allEmpty.ok) throw new Error('not scored');
    expect(dice.value).toBeGreaterThan(0.5);
    expect(dice.value).toBeGreaterThan(allEmpty.value + 0.2);
  });

  it('does nothing twice: a second run finds all of it cached', async () => {
    const before = readFileSync(join(store, 'submission.csv'), 'utf8');
    const { code: again, program } = await run([...args, '--epochs', '30']);
    expect(again).toBe(0);
    expect(program.all('item.ingested').every(({ reason }) => reason === 'cached')).toBe(true);
    expect(program.all('train.started')).toEqual([]);
    expect(program.all('item.predicted')).toEqual([]);
    expect(program.all('submission.written')).toEqual([]);
    expect(program.all('caught-up')).toEqual([
      {
        type: 'caught-up',
        ingested: 0,
        cached: 72,
        failed: 0,
        predicted: 0,
        pending: 0,
        watching: false,
      },
    ]);
    expect(readFileSync(join(store, 'submission.csv'), 'utf8')).toBe(before);
  });

  it('says settings-changed when the size changes, and trains and predicts anew', async () => {
    const { code: again, program } = await run([...args, '--epochs', '1', '--size', '32x32']);
    expect(again).toBe(0);
    const reasons = new Set(program.all('item.ingested').map(({ reason }) => reason));
    expect([...reasons]).toEqual(['settings-changed']);
    expect(program.all('train.started')[0]).toMatchObject({ reason: 'settings-changed' });
    expect(program.all('item.predicted').map(({ reason }) => reason)).toEqual(
      Array(12).fill('settings-changed'),
    );
  });
});
