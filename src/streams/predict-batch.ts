import type { Compute } from '../compute/compute.js';
import type { PipelineEvent, PredictReason } from '../events.js';
import { packImages } from '../operators/batch.js';
import { predictionFingerprint } from '../operators/fingerprint.js';
import type { GridSize } from '../operators/image.js';
import { encodeMaskPng } from '../operators/mask-png.js';
import { maskFromProbabilities } from '../operators/probability.js';
import { encodeRle } from '../operators/rle.js';
import type { CacheWrite } from '../store/cache.js';
import { sampleKey } from '../store/cache.js';
import type { Catalog } from '../store/catalog.js';
import { writeMaskFile } from '../store/mask-files.js';
import type { PredictionRecord, SampleRecord } from '../store/records.js';
import { pixelKeysOf } from './batches.js';
import { storeFailure } from './ingest-file.js';
import { postprocessingKey, type ServedModel } from './staleness.js';

export interface StaleSample {
  readonly sample: SampleRecord;
  readonly reason: PredictReason;
}

export interface PredictOptions {
  readonly catalog: Catalog;
  readonly compute: Pick<Compute, 'serve' | 'predict'>;
  readonly size: GridSize;
  readonly masksFolder: string;
}

/**
 * One batch from the cache to masks and rows: probabilities are brought to the original's grid,
 * thresholded there, written as PNG and run-length encoded. A sample that changed or went away
 * meanwhile is dropped without a trace: its successor is in the queue already.
 */
export async function predictBatch(
  stale: readonly StaleSample[],
  served: ServedModel,
  { catalog, compute, size, masksFolder }: PredictOptions,
): Promise<PipelineEvent[]> {
  const started = performance.now();
  const pixels = await catalog.cache.readPixels(
    stale.map(({ sample }) => pixelKeysOf(sample).image),
  );
  const readable = stale.flatMap(({ sample, reason }, index) => {
    const record = pixels[index];
    return record === undefined ? [] : [{ sample, reason, record }];
  });
  if (readable.length === 0) return [];
  const { probabilities } = await compute.predict(
    packImages(readable.map(({ record }) => record.pixels)),
  );

  const stillCurrent = ({ sample }: StaleSample) =>
    catalog.samples.get(sampleKey(sample))?.fingerprint === sample.fingerprint;
  const area = size.height * size.width;
  const events: PipelineEvent[] = [];
  const predicted: { record: PredictionRecord; reason: PredictReason }[] = [];
  for (const [index, item] of readable.entries()) {
    if (!stillCurrent(item)) continue;
    const { sample, reason, record } = item;
    const original = { height: record.originalHeight, width: record.originalWidth };
    const map = probabilities.subarray(index * area, (index + 1) * area);
    const { threshold } = served.postprocessing;
    const { mask, pixels } = maskFromProbabilities(map, size, original, threshold);
    try {
      await writeMaskFile(masksFolder, sample.id, await encodeMaskPng(mask, original));
    } catch (error) {
      events.push(failedItem(sample, storeFailure(error as Error)));
      continue;
    }
    predicted.push({ record: predictionRecord(sample, served, original, mask, pixels), reason });
  }

  const current = predicted.filter(({ record }) => {
    return catalog.samples.get(`test/${record.id}`)?.imageSha === record.imageSha;
  });
  try {
    await catalog.commit(current.map(({ record }): CacheWrite => ({ put: 'prediction', record })));
  } catch (error) {
    const failure = storeFailure(error as Error);
    return [...events, ...current.map(({ record }) => failedItem(record, failure))];
  }
  const ms = (performance.now() - started) / stale.length;
  for (const { record, reason } of current) {
    const { id, pixels, modelId } = record;
    events.push({ type: 'item.predicted', id, pixels, ms, modelId, reason });
  }
  return events;
}

function predictionRecord(
  sample: SampleRecord,
  { modelId, postprocessing }: ServedModel,
  original: GridSize,
  mask: Uint8Array,
  pixels: number,
): PredictionRecord {
  const { id, imageSha, preprocessing, fingerprint } = sample;
  return {
    id,
    fingerprint: predictionFingerprint({ sample: fingerprint, modelId, postprocessing }),
    imageSha,
    preprocessing,
    modelId,
    postprocessing: postprocessingKey(postprocessing),
    height: original.height,
    width: original.width,
    rle: encodeRle(mask, original),
    pixels,
  };
}

function failedItem(
  { id }: { readonly id: string },
  failure: { readonly code: string; readonly message: string },
): PipelineEvent {
  return { type: 'item.failed', path: `test/${id}`, stage: 'mask', ...failure };
}
