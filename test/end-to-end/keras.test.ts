import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kerasLayersOf } from '../../src/keras/architecture.js';
import { networkOf } from '../../src/model/network-layers.js';
import { recipes } from '../../src/model/recipe.js';
import type { ModelFiles } from '../../src/model/serialise.js';
import { useCpuBackend } from '../support/cpu-backend.js';
import { type KerasFileKind, writeAsKeras } from '../support/keras-file.js';
import { type Program, run } from '../support/program.js';
import { randomModel } from '../support/random-model.js';
import { repeatedPixelsFiles } from '../support/repeated-pixels.js';
import { smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');

const notices = (program: Program) =>
  Object.fromEntries(program.all('notice').map(({ code, message }) => [code, message]));

const size = { height: 32, width: 48 };

async function weightsFile(name: string, files: ModelFiles, kind: KerasFileKind): Promise<string> {
  const network = networkOf(files);
  if (!network.ok) throw new Error(network.failure.message);
  const path = join(folder, name);
  await writeAsKeras(path, kerasLayersOf(network.value), kind);
  return path;
}

it("predicts by Keras' weights and trains on from them; what does not fit is told", async () => {
  await useCpuBackend();
  // The tutorial's of 2016.
  const old = await weightsFile('weights.hdf5', repeatedPixelsFiles(size, 4), {
    version: 1,
    backend: 'theano',
    isWholeModel: false,
  });
  const { files } = await randomModel(folder, { recipe: recipes.fast, size });
  const own = await weightsFile('weights.h5', files, {
    version: 2,
    backend: 'tensorflow',
    isWholeModel: true,
  });
  const shared = ['--json', '--store', store, '--size', '32x48'];
  const computing = [...shared, '--backend', 'wasm', '--threads', '1'];

  const tooEarly = await run(['predict', ...computing, '--model', old]);
  expect(tooEarly.code).toBe(1);
  expect(notices(tooEarly.program).NORMALISATION_UNKNOWN).toMatch(/nerveflow ingest --size 32x48/);

  await smallDataSet(raw, { subjects: 3, perSubject: 3, test: 4 });
  expect((await run(['ingest', ...shared, '--raw', raw])).code).toBe(0);
  const predicted = await run(['predict', ...computing, '--model', old]);
  expect(predicted.program.stderr).toBe('');
  expect(predicted.code).toBe(0);
  expect(predicted.program.all('item.predicted')).toHaveLength(4);
  expect(readFileSync(join(store, 'submission.csv'), 'utf8').trim().split('\n')).toHaveLength(5);
  const promoted = predicted.program.all('model.promoted')[0]!;
  expect(promoted).toMatchObject({ reason: 'first', modelId: expect.stringContaining('keras') });

  const again = await run(['predict', ...computing, '--model', old]);
  expect(again.code).toBe(0);
  expect(again.program.all('item.predicted')).toEqual([]);

  const train = ['train', ...computing, '--recipe', 'fast', '--epochs', '2', '--start-from'];
  const refused = await run([...train, old]);
  expect(refused.code).toBe(1);
  expect(notices(refused.program).WEIGHTS_DO_NOT_FIT).toMatch(
    /layer 1 convolution2d_1: expected 3x3x1x8 and 8 \(down1a\), found 4x1x3x3 and 4/,
  );
  expect(notices(refused.program).WEIGHTS_DO_NOT_FIT).toMatch(/before May 2017/);
  expect(refused.program.all('train.started')).toEqual([]);

  const trained = await run([...train, own]);
  expect(trained.code).toBe(0);
  expect(notices(trained.program)).toHaveProperty('START_SUBJECTS_UNKNOWN');
  const started = trained.program.all('train.started')[0]!;
  expect(started.startedFrom).toContain('keras');
  // Nobody knows whom those weights have seen: the model does not claim to.
  const { modelId } = trained.program.all('train.done')[0]!;
  const card = JSON.parse(
    readFileSync(join(store, 'models', `model-${modelId}`, 'nerveflow.json'), 'utf8'),
  );
  expect(card).toMatchObject({ startedFrom: started.startedFrom });
  expect(card.fold).not.toHaveProperty('trainedSubjects');
}, 300_000);
