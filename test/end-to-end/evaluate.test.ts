import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cli, Program, run } from '../support/program.js';
import { smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const argsFor = (store: string) => [
  'evaluate',
  ...['--raw', raw, '--store', join(folder, store)],
  ...['--backend', 'wasm', '--recipe', 'fast', '--size', '32x48', '--batch-size', '8'],
  ...['--epochs', '3', '--folds', '3'],
];

async function ingested(store: string): Promise<void> {
  const places = ['--raw', raw, '--store', join(folder, store)];
  const { code } = await run(['ingest', '--json', ...places, '--size', '32x48']);
  expect(code).toBe(0);
}

describe('evaluate', () => {
  let whole: Program;

  beforeAll(async () => {
    await smallDataSet(raw, { subjects: 4, perSubject: 4, test: 1 });
    await ingested('whole');
    const ended = await run([...argsFor('whole'), '--json']);
    expect(ended.program.stderr).toBe('');
    expect(ended.code).toBe(0);
    whole = ended.program;
  }, 120_000);

  it('holds every subject out once and says so', () => {
    const started = whole.all('evaluation.started')[0]!;
    expect(started).toMatchObject({ pairs: 16, subjects: 4, seeds: [1], recipe: 'fast' });
    const folds = whole.all('evaluation.fold');
    expect(folds).toHaveLength(started.folds);
    expect(folds.flatMap(({ subjects }) => subjects).sort()).toEqual([1, 2, 3, 4]);
    expect(folds.length + started.emptyFolds.length).toBe(3);
    expect(whole.all('evaluation.progress').length).toBeGreaterThan(0);
  });

  it('writes a row for each image and the figures of the result event', () => {
    const done = whole.all('evaluation.done')[0]!;
    const rows = readFileSync(done.csv, 'utf8').trim().split('\n').slice(1);
    expect(rows).toHaveLength(16);
    const dices = rows.map((row) => Number(row.split(',')[4]));
    const mean = dices.reduce((sum, dice) => sum + dice, 0) / dices.length;
    expect(done.model.dice).toBeCloseTo(mean, 12);
    const { type: _, ...content } = done;
    expect(JSON.parse(readFileSync(done.json, 'utf8'))).toEqual(content);
    // Three of sixteen are empty.
    expect(done.allEmpty).toMatchObject({ dice: 3 / 16, positives: 13, recall: 0 });
    const uncertainties = rows.map((row) => Number(row.split(',')[13]));
    expect(uncertainties.every((doubt) => doubt >= 0 && doubt <= 1)).toBe(true);
    expect(new Set(uncertainties).size).toBeGreaterThan(8);
    expect(done.uncertainty.correlation).toBeGreaterThanOrEqual(-1);
    // Nobody said how large a pixel is.
    expect(
      done.measures.every(({ unit, measure }) => unit === 'pixels' && measure === 'area'),
    ).toBe(true);
    expect(done.worst[0]!.dice).toBe(Math.min(...dices));
  });

  it('interrupted within a fold, goes on there and comes to the same figures', async () => {
    await ingested('halved');
    const first = new Program([...argsFor('halved'), '--json']);
    await first.next('evaluation.fold');
    await first.next('train.epoch', first.events.length);
    first.signal('SIGINT');
    expect(await first.exited).toBe(130);

    const { code, program } = await run([...argsFor('halved'), '--json']);
    expect(code).toBe(0);
    expect(program.all('evaluation.fold')[0]).toMatchObject({ fold: 1, isKept: true });
    expect(program.all('train.started')[0]).toMatchObject({ reason: 'resumed' });
    const figures = ({ events }: Program) =>
      events.flatMap((event) => {
        if (event.type !== 'evaluation.done') return [];
        const { model, folds, worst, fingerprint } = event;
        return [{ model, folds, worst, fingerprint }];
      });
    expect(figures(program)).toEqual(figures(whole));
  }, 120_000);

  it('prints a table of at most 80 columns where nobody asked for events', () => {
    const { status, stdout } = spawnSync(process.execPath, [cli, ...argsFor('whole'), '--plain'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    const table = stdout.slice(stdout.indexOf('\nRecipe'));
    expect(table).toContain('Dice (Kaggle)');
    expect(table).toContain('all empty');
    expect(table).toContain('Uncertainty goes with');
    expect(table).toMatch(/label ceiling/i);
    for (const line of table.split('\n')) {
      if (!line.includes(folder)) expect(line.length).toBeLessThanOrEqual(80);
    }
  }, 60_000);

  it('does nothing twice, and lets the folds vote as the model that predicts', async () => {
    const { code, program } = await run([...argsFor('whole'), '--json', '--promote']);
    expect(code).toBe(0);
    expect(program.all('train.started')).toEqual([]);
    expect(program.all('evaluation.fold').every(({ isKept }) => isKept)).toBe(true);
    expect(program.all('evaluation.done')).toEqual(whole.all('evaluation.done'));
    const [promoted] = program.all('model.promoted');
    expect(promoted).toMatchObject({ previous: null, reason: 'requested' });
    const { modelId } = promoted!;
    const models = join(folder, 'whole', 'models');
    const [card] = readdirSync(models)
      .filter((name) => name.endsWith(modelId))
      .map((name) => JSON.parse(readFileSync(join(models, name, 'nerveflow.json'), 'utf8')));
    expect(card).toMatchObject({ modelId, temperature: expect.any(Number) });

    const watch = ['watch', '--once', '--json', '--settle', '50', ...argsFor('whole').slice(1)];
    const watched = await run(watch);
    expect(watched.code).toBe(0);
    expect(watched.program.all('train.started')).toEqual([]);
    expect(watched.program.all('item.predicted')).toMatchObject([{ modelId }]);
  }, 60_000);

  it('compares areas in mm² and what is around them with a table that the layout names', async () => {
    const home = join(folder, 'measured');
    const ids = readdirSync(join(raw, 'train')).filter((name) => /^\d+_\d+\.tif$/.test(name));
    const lines = ids.map((name) => `${name},0.5,${name === ids[0] ? '' : 60}`);
    writeFileSync(join(raw, 'sizes.csv'), ['file,pixel,around', ...lines].join('\n'));
    const columns = { csv: 'sizes.csv', file: 'file' };
    const layout = {
      images: 'train/{subject:\\d+}_{n:\\d+}.tif',
      masks: 'train/{subject}_{n}_mask.tif',
      spacing: { ...columns, mm: 'pixel' },
      measure: { ...columns, mm: 'around', is: 'circumference' },
    };
    // So little training finds nothing yet: it takes all that it does not think impossible.
    const recipes = { eager: { extends: 'fast', threshold: 0.01, presenceThreshold: null } };
    mkdirSync(home);
    writeFileSync(join(home, 'nerveflow.config.json'), JSON.stringify({ layout, recipes }));
    const places = ['--raw', raw, '--store', join(home, 'store'), '--size', '32x48', '--json'];
    const ingest = new Program(['ingest', ...places], {}, home);
    expect(await ingest.exited).toBe(0);
    // The tables are no files that nobody knows.
    expect(JSON.stringify(ingest.events)).not.toContain('sizes.csv');
    const evaluate = new Program(
      [...argsFor('measured/store'), '--recipe', 'eager', '--json'],
      {},
      home,
    );
    expect(await evaluate.exited).toBe(0);

    const [told] = evaluate.all('notice').filter(({ code }) => code === 'MEASURE_TABLE');
    expect(told!.message).toContain(ids[0]!.replace('.tif', ''));
    const { measures, csv } = evaluate.all('evaluation.done')[0]!;
    const [area, , around] = measures;
    expect(area).toMatchObject({ measure: 'area', unit: 'mm2', against: 'mask' });
    expect(around).toMatchObject({ measure: 'circumference', unit: 'mm', against: 'table' });
    const [header, ...rows] = readFileSync(csv, 'utf8').trim().split('\n');
    const column = (name: string) => {
      const at = header!.split(',').indexOf(name);
      return rows.map((row) => row.split(',')[at]!);
    };
    const [truth, found] = [column('truth_area_mm2'), column('found_area_mm2')].map((cells) =>
      cells.map(Number),
    );
    expect(truth).toEqual(column('truth_pixels').map((pixels) => Number(pixels) * 0.25));
    const both = [...truth!.keys()].filter((at) => truth![at]! > 0 && found![at]! > 0);
    const bias = both.reduce((sum, at) => sum + found![at]! - truth![at]!, 0) / both.length;
    expect(area!.foundMasks!.bias).toBeCloseTo(bias, 9);
    expect(area!.foundMasks!.images + area!.missed).toBe(13);
    const circles = column('found_circumference_mm').filter(
      (cell, at) => cell !== '' && column('table_measure')[at] !== '',
    );
    expect(around!.foundMasks!.images).toBe(circles.length);
    const mean = circles.reduce((sum, cell) => sum + Number(cell), 0) / circles.length;
    expect(around!.foundMasks!.bias).toBeCloseTo(mean - 60, 9);
    expect(around!.trueMasks!.meanTruth).toBe(60);
  }, 120_000);

  it('says at once what is missing', async () => {
    const places = ['--store', join(folder, 'whole'), '--raw', temporaryFolder()];
    const { code, program } = await run(['evaluate', '--json', '--size', '32x48', ...places]);
    expect(code).toBe(1);
    expect(program.all('notice')).toMatchObject([{ level: 'error', code: 'MASK_GONE' }]);
  }, 60_000);
});
