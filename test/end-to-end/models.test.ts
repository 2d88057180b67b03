import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { listModels } from '../../src/store/list-models.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { cli, Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
// So that masks of networks that have learnt little are not all empty.
const anyMask = ['--post-processing', 'threshold=0.015,presenceThreshold=off'];
/** Without what counts for watching alone. */
const quick = smallAndQuick.slice(0, smallAndQuick.indexOf('--settle'));
const csv = () => readFileSync(join(store, 'submission.csv'), 'utf8');
const measurements = () => readFileSync(join(store, 'measurements.csv'), 'utf8');

/** `models ... --json`: its one object. */
async function models(...words: string[]) {
  const { code, program } = await run(['models', ...words, '--json', '--store', store]);
  const [answer] = program.events as unknown as Record<string, unknown>[];
  return { code, answer, stderr: program.stderr };
}

describe('models', () => {
  let older: string;
  let newer: string;
  let withOlder: string;
  let measuredWithOlder: string;

  beforeAll(async () => {
    await smallDataSet(raw);
    const watch = ['watch', '--once', '--json', '--raw', raw, '--store', store, '--epochs', '2'];
    const first = await run([...watch, ...smallAndQuick, ...anyMask]);
    expect(first.program.stderr).toBe('');
    older = first.program.all('train.done')[0]!.modelId;
    withOlder = csv();
    measuredWithOlder = measurements();
    const train = ['train', '--json', '--store', store, '--epochs', '3', '--fresh', '--seed', '2'];
    const second = await run([...train, ...quick]);
    newer = second.program.all('train.done')[0]!.modelId;
    // Where it was not as good, it has gone.
    expect(second.program.all('model.promoted')).toHaveLength(1);
  }, 120_000);

  it('lists and shows what there is, and says what cannot be meant: exit code 2', async () => {
    const { code, answer } = await models();
    expect(code).toBe(0);
    expect(answer).toMatchObject({
      current: newer,
      models: [
        { modelId: newer, isCurrent: true, origin: { type: 'new' }, recipe: 'fast', pairs: 8 },
        { modelId: older, isCurrent: false, size: { height: 32, width: 48 }, validationPairs: 4 },
      ],
    });
    const shown = await models('show', older);
    expect(shown.answer).toMatchObject({
      modelId: older,
      samples: { training: 8, validation: 4, leftOut: 0 },
      repeat: expect.stringContaining(`--like ${older}`),
    });
    for (const words of [['show'], ['use', 'x'], ['use', '20'], ['list', older]]) {
      const wrong = await models(...words);
      expect([wrong.code, wrong.answer]).toEqual([2, undefined]);
      expect(wrong.stderr).toMatch(/^nerveflow: models .*\n$/);
    }
  }, 60_000);

  it('the running program goes back to the older model, and its rows are as they were', async () => {
    const args = ['watch', '--json', '--raw', raw, '--store', store, '--epochs', '3'];
    const program = new Program([...args, ...smallAndQuick, ...anyMask, '--seed', '2']);
    try {
      await program.next('caught-up', 0, ({ pending }) => pending === 0);
      expect(csv()).not.toBe(withOlder);
      expect((await models()).answer).toMatchObject({ current: newer });
      const from = program.events.length;
      const { code, answer } = await models('use', older.slice(0, -1));
      expect(code).toBe(0);
      expect(answer).toEqual({ type: 'model.used', modelId: older, previous: newer });
      await program.next('caught-up', from);
      const predicted = program.all('item.predicted', from);
      expect(predicted.map(({ id }) => id).sort()).toEqual(['1', '2', '3', '4']);
      for (const event of predicted) {
        expect(event).toMatchObject({ modelId: older, reason: 'model-changed' });
      }
      expect(csv()).toBe(withOlder);
      expect(measurements()).toBe(measuredWithOlder);
      expect(program.all('train.started')).toEqual([]);

      expect(await models('remove', older)).toMatchObject({
        code: 1,
        stderr: `nerveflow: ${older} is the current model: use another one first.\n`,
      });
      expect(await models('keep', newer)).toMatchObject({ code: 0, answer: { isKept: true } });
      expect(await models('remove', newer)).toMatchObject({
        code: 1,
        stderr: `nerveflow: ${newer} is kept: unkeep it first.\n`,
      });
      expect(program.all('model.marked', from)).toHaveLength(1);
    } finally {
      program.signal('SIGINT');
      expect(await program.exited).toBe(130);
    }
    expect((await models()).answer).toMatchObject({ current: older });
  }, 120_000);

  it('without a program that runs, predictions follow with the next one', async () => {
    const text = execFileSync(process.execPath, [cli, 'models', 'use', newer, '--store', store]);
    expect(text.toString()).toContain(
      'predictions follow with the next nerveflow predict or watch',
    );
    expect(csv()).toBe(withOlder);
    const predict = ['predict', '--json', '--store', store, ...quick, ...anyMask];
    const { program } = await run(predict);
    const reasons = program.all('item.predicted').map(({ modelId, reason }) => [modelId, reason]);
    expect(reasons).toEqual(Array.from({ length: 4 }, () => [newer, 'model-changed']));
    await models('unkeep', newer);
    expect((await models('remove', older)).answer).toMatchObject({ type: 'model.removed' });
    expect(existsSync(join(store, 'models', `model-${older}`))).toBe(false);
    expect((await models()).answer).toMatchObject({ models: [{ modelId: newer, isKept: false }] });
  }, 60_000);
});

/** Goes to and fro between two models for ever, and says so each time. */
const toAndFro = (dist: string, modelsFolder: string) => `
const { ModelRegistry } = await import(${JSON.stringify(`${dist}/store/model-registry.js`)});
const { saveModel } = await import(${JSON.stringify(`${dist}/store/model-folder.js`)});
const { changeModel } = await import(${JSON.stringify(`${dist}/store/change-model.js`)});
const registry = new ModelRegistry(${JSON.stringify(modelsFolder)});
const card = { format: 1, recipe: 'fast', size: { height: 16, width: 16 }, batchSize: 4, seed: 1,
  normalisation: { mean: 0, std: 1 }, fold: { index: 0, count: 5, validationSubjects: [] },
  dataFingerprint: '', pairs: 1, validationPairs: 0, epoch: 1, epochs: 1, threshold: 0.5,
  metrics: { loss: 1, trainDice: 0, validationDice: null, validationImageDice: null },
  backend: 'cpu', precision: 'float32', version: '0', createdAt: '2020-01-01' };
const files = { topology: {}, weightSpecs: [], weights: new Uint8Array() };
for (const modelId of ['a', 'b']) {
  await saveModel(registry.folder, { ...card, modelId, runId: modelId, folder: 'model-' + modelId }, files);
  await registry.promote({ folder: 'model-' + modelId });
}
for (let round = 0; ; round++) {
  await saveModel(registry.folder, { ...card, modelId: 'c', runId: 'c', folder: 'model-c' }, files);
  for (const request of [
    { verb: 'use', model: round % 2 ? 'b' : 'a' },
    { verb: 'keep', model: 'c' },
    { verb: 'unkeep', model: 'c' },
    { verb: 'remove', model: 'c' },
  ]) {
    const result = await changeModel(registry, request, { size: null, training: null });
    if (!result.ok) throw new Error(result.failure.message);
    console.log(request.verb);
  }
}`;

it.each([
  1, 2, 3, 6, 7, 9, 12, 14,
])('a kill at any time (here after %i changes) leaves a model that can be read', async (changes) => {
  const modelsFolder = join(folder, `killed-${changes}`);
  const dist = pathToFileURL(join(cli, '..')).href;
  const script = toAndFro(dist, modelsFolder);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines = 0;
  createInterface({ input: child.stdout }).on('line', () => {
    lines++;
    if (lines === changes) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(lines).toBeGreaterThanOrEqual(changes);
  const registry = new ModelRegistry(modelsFolder);
  const current = await registry.current();
  expect(current).toMatchObject({ status: 'found', value: { insteadOf: null } });
  for (const { modelId, damage } of await listModels(modelsFolder)) {
    expect([modelId, damage]).toEqual([expect.stringMatching(/^[abc]$/), null]);
  }
});
