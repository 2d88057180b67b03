import { describe, expect, test } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import { Metrics } from '../../src/prometheus/metrics.js';
import type { StoreCounts } from '../../src/prometheus/store-metrics.js';
import {
  epoch,
  failed,
  ingested,
  predicted,
  stages,
  system,
  trainDone,
  trainStarted,
  written,
} from '../support/events.js';
import { parsePrometheusText } from '../support/prometheus-text.js';

const counts: StoreCounts = {
  files: 30,
  pairs: 12,
  testImages: 5,
  rows: 4,
  nonEmptyRows: 3,
  pending: 2,
  submissionAtMs: 1_700_000_000_500,
};

async function numbersAfter(
  told: readonly PipelineEvent[],
  { now = () => 0, store = counts } = {},
) {
  const metrics = new Metrics({ countStore: () => store, now });
  for (const event of told) metrics.add(event);
  return parsePrometheusText(await metrics.metrics());
}

describe('what happened, counted', () => {
  test('items by split and reason; what the cache had is no ingest', async () => {
    const numbers = await numbersAfter([
      ingested('1_1', 'train', 'new'),
      ingested('1_2', 'train', 'mask-changed'),
      ingested('1', 'test', 'new'),
      ingested('2', 'test', 'cached'),
      { type: 'item.removed', id: '3', split: 'test' },
      failed({ stage: 'decode', code: 'TRUNCATED' }),
      failed({ stage: 'decode', code: 'TRUNCATED' }),
      failed({ stage: 'mask', code: 'DISK_FULL' }),
    ]);
    const ingests = 'nerveflow_items_ingested_total';
    expect(numbers.value(ingests)).toBe(3);
    expect(numbers.value(ingests, { split: 'train', reason: 'mask-changed' })).toBe(1);
    expect(numbers.value(ingests, { split: 'test' })).toBe(1);
    expect(numbers.value('nerveflow_cache_hits_total', { split: 'test' })).toBe(1);
    expect(numbers.value('nerveflow_items_removed_total', { split: 'test' })).toBe(1);
    expect(numbers.value('nerveflow_items_failed_total', { code: 'TRUNCATED' })).toBe(2);
    expect(numbers.value('nerveflow_items_failed_total', { stage: 'mask' })).toBe(1);
  });

  test('trainings by how they ended, and the figures of the last epoch', async () => {
    const numbers = await numbersAfter([
      trainStarted(),
      epoch(3, { loss: 0.5, trainDice: 0.6, validationDice: 0.4, best: 0.45 }),
      { type: 'train.failed', code: 'OUT_OF_MEMORY', message: '' },
      trainStarted(),
      trainDone(),
    ]);
    expect(numbers.value('nerveflow_trainings_total', { result: 'failed' })).toBe(1);
    expect(numbers.value('nerveflow_trainings_total', { result: 'done' })).toBe(1);
    expect(numbers.value('nerveflow_trainings_total', { result: 'interrupted' })).toBe(0);
    expect(numbers.value('nerveflow_training_running')).toBe(0);
    expect(numbers.value('nerveflow_training_loss')).toBe(0.5);
    expect(numbers.value('nerveflow_training_batch_dice', { on: 'train' })).toBe(0.6);
    expect(numbers.value('nerveflow_training_batch_dice', { on: 'validation' })).toBe(0.4);
    expect(numbers.value('nerveflow_training_best_batch_dice')).toBe(0.45);
  });

  test('where nothing validates there is no validation Dice, not even an old one', async () => {
    const numbers = await numbersAfter([
      epoch(1, { validationDice: 0.4, validationImageDice: 0.5 }),
      epoch(2, { validationDice: null, validationImageDice: null }),
    ]);
    expect(numbers.value('nerveflow_training_batch_dice', { on: 'validation' })).toBeUndefined();
    expect(numbers.value('nerveflow_training_image_dice')).toBeUndefined();
  });

  test('a compute process that dies and comes back', async () => {
    const compute = (state: 'ready' | 'restarting'): PipelineEvent => ({
      type: 'compute',
      state,
      backend: null,
      message: '',
    });
    const told = [compute('ready'), compute('restarting')];
    const down = await numbersAfter(told);
    expect(down.value('nerveflow_compute_up')).toBe(0);
    const up = await numbersAfter([...told, compute('ready')]);
    expect(up.value('nerveflow_compute_up')).toBe(1);
    expect(up.value('nerveflow_compute_restarts_total')).toBe(1);
  });
});

test('the store is counted when somebody asks', async () => {
  const numbers = await numbersAfter([]);
  expect(numbers.value('nerveflow_files')).toBe(30);
  expect(numbers.value('nerveflow_pairs')).toBe(12);
  expect(numbers.value('nerveflow_rows')).toBe(4);
  expect(numbers.value('nerveflow_rows_with_nerve')).toBe(3);
  expect(numbers.value('nerveflow_pending_images')).toBe(2);
  expect(numbers.value('nerveflow_submission_written_timestamp_seconds')).toBe(1_700_000_000.5);
});

test('every row missing is pending where nothing predicts yet', async () => {
  const numbers = await numbersAfter([], { store: { ...counts, pending: null } });
  expect(numbers.value('nerveflow_pending_images')).toBe(1);
});

test('what is not known yet is absent, not 0', async () => {
  const numbers = await numbersAfter([], { store: { ...counts, submissionAtMs: null } });
  for (const name of ['training_loss', 'disk_free_bytes', 'submission_written_timestamp_seconds']) {
    expect(numbers.value(`nerveflow_${name}`)).toBeUndefined();
  }
  const gone = await numbersAfter([system(184), system(184, { compute: null })]);
  expect(gone.value('nerveflow_tensors')).toBeUndefined();
});

test('models that were promoted, and that were not', async () => {
  const compared = { subjects: [1], pairs: 4, imageDice: 0.6 };
  const numbers = await numbersAfter([
    {
      type: 'model.promoted',
      modelId: 'a',
      previous: null,
      reason: 'first',
      previousImageDice: null,
      ...compared,
    },
    { type: 'model.kept', modelId: 'a', rejected: 'b', rejectedImageDice: 0.5, ...compared },
    { type: 'model.kept', modelId: 'a', rejected: 'c', rejectedImageDice: 0.4, ...compared },
  ]);
  expect(numbers.value('nerveflow_models_total', { result: 'promoted' })).toBe(1);
  expect(numbers.value('nerveflow_models_total', { result: 'not-promoted' })).toBe(2);
});

test('stages and the machine, as last sampled', async () => {
  const numbers = await numbersAfter([
    stages({ predict: { queued: 9, inFlight: 4 } }, 3),
    stages({ predict: { queued: 7, inFlight: 4 }, pair: { waiting: 2 } }, 3),
    system(184),
  ]);
  const items = 'nerveflow_stage_items';
  expect(numbers.value(items, { stage: 'predict', state: 'queued' })).toBe(7);
  expect(numbers.value(items, { stage: 'predict', state: 'in-flight' })).toBe(4);
  expect(numbers.value(items, { stage: 'pair', state: 'waiting' })).toBe(2);
  expect(numbers.value('nerveflow_ignored_files')).toBe(3);
  expect(numbers.value('nerveflow_tensors')).toBe(184);
  expect(numbers.value('nerveflow_compute_resident_memory_bytes')).toBe(361e6);
});

describe('from file to row', () => {
  test('counts from the first look at the file until submission.csv is written', async () => {
    let at = 0;
    const metrics = new Metrics({ countStore: () => counts, now: () => at });
    const tell = (time: number, event: PipelineEvent) => {
      at = time;
      metrics.add(event);
    };
    tell(1000, { ...ingested('1', 'test', 'new'), ms: 200 });
    tell(1100, ingested('2', 'test', 'cached'));
    tell(1200, ingested('3', 'test', 'changed'));
    tell(1300, { type: 'item.removed', id: '3', split: 'test' });
    tell(1500, predicted('1'));
    tell(1500, predicted('2'));
    const before = parsePrometheusText(await metrics.metrics());
    expect(before.value('nerveflow_file_to_row_seconds_count')).toBe(0);
    tell(1800, written());
    const numbers = parsePrometheusText(await metrics.metrics());
    expect(numbers.value('nerveflow_file_to_row_seconds_count')).toBe(1);
    expect(numbers.value('nerveflow_file_to_row_seconds_sum')).toBe(1);
    expect(numbers.value('nerveflow_file_to_row_seconds_bucket', { le: '0.5' })).toBe(0);
    expect(numbers.value('nerveflow_file_to_row_seconds_bucket', { le: '1' })).toBe(1);
  });
});

test('names and help follow the conventions', async () => {
  const { help, type } = await numbersAfter([]);
  for (const [name, kind] of type) {
    expect(name).toMatch(/^nerveflow_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    expect(help.get(name)?.length).toBeGreaterThan(6);
    expect(name).not.toMatch(/_(ms|milliseconds|mb|megabytes|percent)(_|$)/);
  }
});
