import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OptionKey, options, variableOf } from '../../src/settings/options.js';
import { readConfigFile, readSettings, UsageError } from '../../src/settings/read-settings.js';

const none = { flags: {}, variables: {}, file: undefined };

describe('precedence', () => {
  test('flag over variable over file over the command over the option', () => {
    const file = { epochs: 4, batchSize: 4, seed: 4, folds: 4 };
    const variables = { NERVEFLOW_EPOCHS: '3', NERVEFLOW_BATCH_SIZE: '3' };
    const defaults = { epochs: 5, batchSize: 5, seed: 5, settle: 500 };
    const settings = readSettings({ flags: { epochs: '2' }, variables, file, defaults });
    const { epochs, batchSize, seed, settle, folds, recipe } = settings;
    expect({ epochs, batchSize, seed, settle, folds, recipe }).toEqual({
      epochs: 2,
      batchSize: 3,
      seed: 4,
      settle: 500,
      folds: 4,
      recipe: 'default',
    });
  });

  test('an empty variable is not set', () => {
    expect(readSettings({ ...none, variables: { NERVEFLOW_EPOCHS: '' } }).epochs).toBe(20);
  });

  test('every option has a usable default', () => {
    const settings = readSettings(none);
    expect(settings).toMatchObject({
      raw: './raw',
      store: './store',
      backend: 'auto',
      size: { height: 64, width: 80 },
      batchSize: null,
      epochs: 20,
      learningRate: null,
      retrain: 'auto',
      json: false,
    });
    expect(settings.threads).toBeGreaterThan(0);
  });
});

describe('values', () => {
  test('text of flags and variables, and values of the file, are taken alike', () => {
    const asText = { batchSize: '16', learningRate: '1e-4', poll: 'yes', size: '32x48' };
    const asValues = { batchSize: 16, learningRate: 1e-4, poll: true, size: '32x48' };
    const expected = {
      batchSize: 16,
      learningRate: 1e-4,
      poll: true,
      size: { height: 32, width: 48 },
    };
    expect(readSettings({ ...none, flags: asText })).toMatchObject(expected);
    expect(readSettings({ ...none, file: asValues })).toMatchObject(expected);
  });

  test('post-processing is an object in the file and a list elsewhere', () => {
    const postProcessing = {
      threshold: 0.4,
      presenceThreshold: null,
      fillHoles: true,
    };
    const asText = 'threshold=0.4, presenceThreshold=off,fillHoles=yes';
    expect(readSettings({ ...none, file: { postProcessing } })).toMatchObject({ postProcessing });
    expect(readSettings({ ...none, flags: { postProcessing: asText } })).toMatchObject({
      postProcessing,
    });
  });

  test('switches can be turned off again', () => {
    const variables = { NERVEFLOW_JSON: 'off', NERVEFLOW_PLAIN: '0', NERVEFLOW_POLL: 'false' };
    const file = { json: true, plain: true, poll: true };
    expect(readSettings({ ...none, variables, file })).toMatchObject({
      json: false,
      plain: false,
      poll: false,
    });
  });

  const bad: [OptionKey, unknown[]][] = [
    [
      'postProcessing',
      [
        '',
        '0.4',
        'threshold=2',
        'priorWeight=0.5',
        'least=1',
        { threshold: '0.4' },
        { a: 1 },
        null,
      ],
    ],
    ['repair', ['maybe', 2, null]],
    ['metrics', ['', 'localhost', '70000', '::1:80', true, null]],
    ['web', ['', 'localhost', '70000', '::1:80', true, null]],
    ['webToken', ['', 'short', 'with a space in it', 'x'.repeat(129), 'a/b/c/d/e/f/g/h/i', 1]],
    ['raw', ['', 5]],
    ['store', ['']],
    ['backend', ['gpu', 'CPU']],
    ['size', ['64', '64x81', '8x16', '64x80x3', '2048x64', ' 64x80', 64]],
    ['batchSize', ['0', '1025', '2.5', 'x', ' ', true, null, Number.NaN]],
    ['epochs', ['0', '-1', 'Infinity', [5]]],
    ['learningRate', ['0', '-1', '1.1', 'fast', null]],
    ['cleaning', ['some', 1, null]],
    ['like', ['', 1, null]],
    ['startFrom', ['', 1, null]],
    ['model', ['', 1, null]],
    ['otherData', ['maybe']],
    ['recipe', ['', 5]],
    ['precision', ['float16']],
    ['seed', ['-1', '4294967296', '0.5']],
    ['seeds', ['', '1,,2', '1, 2', '1,1', '-1', 'x', 5, [1.5], []]],
    ['promote', ['maybe']],
    ['against', ['', 5]],
    ['submission', ['', 5]],
    ['export', ['', 'bmp', 'npy,bmp', ['npy', 5], 5]],
    ['exportTo', ['', 5]],
    ['to', ['', 5]],
    ['exportLabel', ['', 5]],
    ['withTruth', ['perhaps']],
    ['imageSize', ['420', '0x580', '420x580x3', 420]],
    ['retrain', ['always', true]],
    ['retrainPairs', ['0', '1.5', '-1']],
    ['retrainPercent', ['-1', '101', 'ten']],
    ['retrainQuiet', ['-1', '86401', 'long']],
    ['retrainEpochs', ['0', '2.5', 'half']],
    ['fresh', ['maybe']],
    ['folds', ['1', '101']],
    ['settle', ['19', '60001']],
    // It says more than that: below.
    ['layout', []],
    ['frames', ['some', 'every:0', 1]],
    ['depth', ['9', '24', 'deep']],
    ['window', ['127', '127,0', 'a,b']],
    ['label', ['']],
    ['maskPolarity', ['grey']],
    ['maskKind', ['drawn']],
    ['crop', ['centre']],
    ['spacing', ['0', '-1', 'wide']],
    ['poll', ['perhaps', 1]],
    ['threads', ['0', 'all']],
    ['bench', ['maybe']],
    ['json', ['maybe']],
    ['plain', ['maybe']],
    ['ascii', ['maybe']],
    ['pictures', ['png', 'on', 1]],
    ['control', ['maybe']],
    ['once', ['maybe']],
    ['strict', ['maybe']],
  ];

  test.each(
    bad,
  )('%s: each bad value is one line with name, value and what it takes', (key, values) => {
    for (const value of values) {
      for (const [sources, name] of [
        [{ ...none, flags: { [key]: value } }, options[key].flag],
        [{ ...none, file: { [key]: value } }, `nerveflow.config.json: ${key}`],
      ] as const) {
        expect(() => readSettings(sources)).toThrow(
          new UsageError(
            `${name}: ${JSON.stringify(value)} is not valid; it takes ${options[key].takes}`,
          ),
        );
      }
    }
  });

  test.each([
    ['dicom', /there is no layout "dicom"; there are kaggle, folders, pairs/],
    [{ images: 'train/{id.png' }, /images: .*the brace/],
    [{ images: 'train/*.png' }, /no placeholder/],
    [{ pictures: 'x' }, /pictures/],
  ])('a layout that cannot be says why: %j', (layout, why) => {
    expect(() => readSettings({ ...none, file: { layout } })).toThrow(UsageError);
    expect(() => readSettings({ ...none, file: { layout } })).toThrow(why);
  });

  test('exports below raw/ are none of the images', () => {
    const flags = { raw: './data', exportTo: './data/out', layout: 'folders' };
    const { layout } = readSettings({ ...none, flags });
    expect(layout.roleOf('out/png/test/1.png')).toEqual({ kind: 'foreign' });
    expect(layout.roleOf('test/1.png')).toMatchObject({ kind: 'image' });
  });

  test('a store below raw/ is none of the images', () => {
    const flags = { raw: '/data', store: '/data/out', layout: 'pairs' };
    const { layout } = readSettings({ ...none, flags });
    expect(layout.roleOf('out/masks/7_mask.png').kind).toBe('foreign');
    expect(layout.mayHold('out/masks')).toBe(false);
    expect(layout.roleOf('outer/7.png').kind).toBe('image');
  });

  test('a layout says how its masks are drawn, and a flag counts over it', () => {
    const layout = { images: 'a/{id}.png', masks: 'b/{id}.png', maskKind: 'outline' };
    expect(readSettings({ ...none, file: { layout } }).maskKind).toBe('outline');
    const flags = { maskKind: 'filled' };
    expect(readSettings({ ...none, flags, file: { layout } }).maskKind).toBe('filled');
  });

  test('no option is missing above', () => {
    expect(bad.map(([key]) => key).sort()).toEqual(Object.keys(options).sort());
  });

  test('a bad variable is named as it was written', () => {
    const variables = { NERVEFLOW_BATCH_SIZE: 'many' };
    expect(() => readSettings({ ...none, variables })).toThrow(
      /^NERVEFLOW_BATCH_SIZE: "many" is not valid; it takes a whole number from 1 to 1024$/,
    );
  });

  test('names of variables follow the flags', () => {
    expect(variableOf('learningRate')).toBe('NERVEFLOW_LEARNING_RATE');
    const names = (Object.keys(options) as OptionKey[]).map(variableOf);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the file', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nerveflow-settings-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const lineOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return (error as Error).message;
    }
    throw new Error('was accepted');
  };

  test('where there is none nothing is set', () => {
    expect(readConfigFile(join(home, 'none.json'))).toBeUndefined();
  });

  test('an option it does not know is named, with those there are', () => {
    for (const key of ['batch-size', 'toString']) {
      const line = lineOf(() => readSettings({ ...none, file: { [key]: 5 } }));
      expect(line).toContain(`"${key}" is no option; known are raw, store, backend`);
    }
  });

  test.each([[[]], [null], ['text'], [5]])('%j is no object of options', (file) => {
    expect(lineOf(() => readSettings({ ...none, file }))).toContain('one JSON object');
  });

  test('what is no JSON, or no file, is one line with its path', async () => {
    const path = join(home, 'nerveflow.config.json');
    for (const text of ['', '{\n  "epochs": 5,\n}', 'epochs:\n 5\n']) {
      await writeFile(path, text);
      const line = lineOf(() => readConfigFile(path));
      expect(line).toContain(`${path} is not valid JSON`);
      expect(line).not.toContain('\n');
    }
    expect(lineOf(() => readConfigFile(home))).toContain(`${home} cannot be read`);
  });

  test('what stands in it is read', async () => {
    const path = join(home, 'nerveflow.config.json');
    await writeFile(path, '{ "epochs": 7 }');
    expect(readSettings({ ...none, file: readConfigFile(path) }).epochs).toBe(7);
  });
});
