import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { Program, run } from '../support/program.js';
import { sharedData } from '../support/shared-data.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const raw = join(sharedData('usgra'), 'raw');
const store = join(temporaryFolder(), 'store');

/** Real nerve ultrasound, where it lies beside the checkout. */
describe.skipIf(!existsSync(raw))('watch --once on real ultrasound', () => {
  const args = ['watch', '--once', '--json', '--raw', raw, '--store', store, '--epochs', '2'];

  it('trains the full network, writes 12 rows, and finds all of it cached the second time', async () => {
    const first = await run(args);
    expect(first.program.stderr).toBe('');
    expect(first.code).toBe(0);
    const types = new Set(first.program.events.map(({ type }) => type));
    for (const type of [
      'ready',
      'item.ingested',
      'train.started',
      'train.epoch',
      'train.done',
      'item.predicted',
      'submission.written',
      'caught-up',
      'stopped',
    ]) {
      expect(types).toContain(type);
    }
    expect(parseSubmission(readFileSync(join(store, 'submission.csv'), 'utf8')).size).toBe(12);

    const started = performance.now();
    const second = await run(args);
    expect(second.code).toBe(0);
    expect(second.program.all('caught-up')).toMatchObject([{ cached: 72, predicted: 0 }]);
    expect(second.program.all('train.started')).toEqual([]);
    // Promised on a quiet machine: 3 s.
    expect(performance.now() - started).toBeLessThan(10_000);
  }, 240_000);
});

describe.skipIf(!existsSync(raw))('evaluate on real ultrasound', () => {
  const folder = temporaryFolder();
  const args = ['--raw', raw, '--store', join(folder, 'store'), '--size', '32x48', '--json'];

  it('says how well areas are measured, as follows from the row of each image', async () => {
    const recipes = { eager: { extends: 'fast', threshold: 0.05, presenceThreshold: null } };
    writeFileSync(join(folder, 'nerveflow.config.json'), JSON.stringify({ recipes }));
    expect(await new Program(['ingest', ...args], {}, folder).exited).toBe(0);
    const quick = ['--recipe', 'eager', '--backend', 'wasm', '--epochs', '2', '--folds', '2'];
    const evaluate = new Program(['evaluate', ...args, ...quick], {}, folder);
    expect(await evaluate.exited).toBe(0);

    const done = evaluate.all('evaluation.done')[0]!;
    const rows = readFileSync(done.csv, 'utf8').trim().split('\n').slice(1);
    const areas = rows.map((row) => row.split(',').slice(7, 9).map(Number) as [number, number]);
    const differences = areas.flatMap(([truth, found]) => (found === 0 ? [] : found - truth));
    const [area] = done.measures;
    expect(area).toMatchObject({ unit: 'pixels', missed: 60 - differences.length });
    const mean = (values: number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(area!.foundMasks!.bias).toBeCloseTo(mean(differences), 6);
    expect(area!.foundMasks!.meanAbsoluteDifference).toBeCloseTo(
      mean(differences.map(Math.abs)),
      6,
    );
    const { surestHalfDice, otherHalfDice, correlation } = done.uncertainty;
    expect((surestHalfDice! + otherHalfDice!) / 2).toBeCloseTo(done.model.dice, 6);
    expect(Math.abs(correlation!)).toBeLessThanOrEqual(1);
    // 60 different nerves: nobody looked at one twice.
    expect(done.labelCeiling).toBeNull();
  }, 240_000);
});
