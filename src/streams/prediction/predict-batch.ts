import type { Compute } from '../../compute/compute.js';
import type { PipelineEvent, PredictReason, Stage } from '../../events.js';
import { packImages } from '../../operators/batch.js';
import { postProcessingKey, predictionFingerprint } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import { encodeMaskPng } from '../../operators/mask-png.js';
import { encodePicture } from '../../operators/picture.js';
import { postProcess } from '../../operators/post-processing.js';
import type { Failure } from '../../operators/result.js';
import { decodeRle, encodeRle } from '../../operators/rle.js';
import type { CacheWrite } from '../../store/cache.js';
import type { Catalog } from '../../store/catalog.js';
import { writeMaskFile } from '../../store/mask-files.js';
import type { PredictionRecord, SampleRecord } from '../../store/records.js';
import { storeFailure } from '../intake/ingest-file.js';
import type { LoadedModel, ServedModel } from '../staleness.js';
import { pixelKeysOf } from '../training/batches.js';
import { findKnownRow } from './known-rows.js';
import type { PreviewAllowance } from './preview-allowance.js';

export interface StaleSample {
  readonly sample: SampleRecord;
  readonly reason: PredictReason;
  /** `servingKey` of the model that predicts it. */
  readonly servedBy: string;
}

export interface PredictOptions {
  readonly catalog: Catalog;
  readonly compute: Pick<Compute, 'serve' | 'predict'>;
  readonly size: GridSize;
  readonly masksFolder: string;
  /** How many pictures may be shown of what is predicted; none when left out. */
  readonly previews?: PreviewAllowance;
}

export interface PredictedBatch {
  readonly events: readonly PipelineEvent[];
  /** The store did not take them, or has lost their pixels: to be tried again. */
  readonly refused: readonly StaleSample[];
}

/**
 * One batch from the cache to masks and rows: probabilities are brought to the original's grid,
 * post-processed there, written as PNG and run-length encoded; a row that is known from elsewhere is
 * taken as it is. A sample that changed or went away meanwhile is dropped without a trace: its
 * successor is in the queue already.
 */
export async function predictBatch(
  stale: readonly StaleSample[],
  served: LoadedModel,
  { catalog, compute, size, masksFolder, previews }: PredictOptions,
): Promise<PredictedBatch> {
  const started = performance.now();
  const events: PipelineEvent[] = [];
  const refused: StaleSample[] = [];
  const refuse = (item: StaleSample, failure: Failure, stage: Stage) => {
    refused.push(item);
    events.push({ type: 'item.failed', path: `test/${item.sample.id}`, stage, ...failure });
  };
  // The very record: one that went away and came back equal has lost its mask in between.
  const isCurrent = ({ sample }: StaleSample) => catalog.samples.holds(sample);

  const shown = new Map<string, PipelineEvent>();
  const predicted: { item: StaleSample; record: PredictionRecord }[] = [];
  const keep = async (item: StaleSample, record: PredictionRecord, mask: Uint8Array) => {
    const png = await encodeMaskPng(mask, record);
    // Asked of the file in the order in which the catalog changes: a later change comes after.
    if (!isCurrent(item)) return;
    try {
      await writeMaskFile(masksFolder, item.sample.id, png);
      predicted.push({ item, record });
    } catch (error) {
      refuse(item, storeFailure(error as Error), 'mask');
    }
  };

  const unknown: StaleSample[] = [];
  for (const item of stale) {
    const isRequested = item.reason === 'requested';
    const row = isRequested ? undefined : await findKnownRow(catalog, item.sample, served);
    const mask = row && decodeRle(row.rle, row);
    if (mask?.ok) await keep(item, { ...row!, id: item.sample.id }, mask.value);
    else unknown.push(item);
  }

  const pixels = await catalog.cache.readPixels(
    unknown.map(({ sample }) => pixelKeysOf(sample).image),
  );
  const readable = unknown.flatMap((item, index) => {
    const record = pixels[index];
    if (record !== undefined) return [{ item, record }];
    if (isCurrent(item)) refuse(item, pixelsLost, 'predict');
    return [];
  });
  if (readable.length > 0) {
    const { probabilities, presence } = await compute.predict(
      packImages(readable.map(({ record }) => record.pixels)),
    );
    const area = size.height * size.width;
    for (const [index, { item, record }] of readable.entries()) {
      if (!isCurrent(item)) continue;
      const original = { height: record.originalHeight, width: record.originalWidth };
      const map = probabilities.subarray(index * area, (index + 1) * area);
      const maskOn = (grid: GridSize) =>
        postProcess(map, size, grid, served.postProcessing, presence?.[index], served.prior);
      const { mask, pixels } = maskOn(original);
      const row = predictionRecord(item.sample, served, original, mask, pixels);
      await keep(item, row, mask);
      if (previews?.take()) {
        const { id } = item.sample;
        const picture = encodePicture(size, record.pixels, maskOn(size).mask);
        shown.set(id, { type: 'preview', id, split: 'test', picture });
      }
    }
  }

  const current = predicted.filter(({ item }) => isCurrent(item));
  try {
    await catalog.commit(current.map(({ record }): CacheWrite => ({ put: 'prediction', record })));
  } catch (error) {
    for (const { item } of current) refuse(item, storeFailure(error as Error), 'mask');
    return { events, refused };
  }
  await removeRowsOfNothing(catalog, current);
  const ms = (performance.now() - started) / stale.length;
  for (const { item, record } of current) {
    // What changed while it was being written follows with an event of its own.
    if (!isCurrent(item)) continue;
    const { id, pixels, modelId } = record;
    events.push({ type: 'item.predicted', id, pixels, ms, modelId, reason: item.reason });
    const preview = shown.get(id);
    if (preview !== undefined) events.push(preview);
  }
  return { events, refused };
}

const pixelsLost: Failure = {
  code: 'PIXELS_LOST',
  message: 'the cache has lost its pixels; write the file anew to have it read again',
};

/** A removal that was on its way into the catalog may have been overtaken by the rows. */
async function removeRowsOfNothing(
  catalog: Catalog,
  written: readonly { readonly record: PredictionRecord }[],
): Promise<void> {
  const ids = written.map(({ record }) => record.id);
  const ofNothing = ids.filter((id) => !catalog.samples.has(`test/${id}`));
  if (ofNothing.length === 0) return;
  await catalog.commit(ofNothing.map((id): CacheWrite => ({ remove: 'prediction', id })));
}

function predictionRecord(
  sample: SampleRecord,
  { modelId, postProcessing }: ServedModel,
  original: GridSize,
  mask: Uint8Array,
  pixels: number,
): PredictionRecord {
  const { id, imageSha, preprocessing, fingerprint } = sample;
  return {
    id,
    fingerprint: predictionFingerprint({ sample: fingerprint, modelId, postProcessing }),
    imageSha,
    preprocessing,
    modelId,
    postprocessing: postProcessingKey(postProcessing),
    height: original.height,
    width: original.width,
    rle: encodeRle(mask, original),
    pixels,
    predictedAt: Date.now(),
  };
}
