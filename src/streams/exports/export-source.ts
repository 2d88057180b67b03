import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeftOut } from '../../events.js';
import type {
  ExportSource,
  PredictedImage,
  SourceImage,
  TrainingPair,
} from '../../exports/export-format.js';
import { LeftOutList } from '../../exports/left-out.js';
import { preprocessingKey, preprocessingOf, sha256 } from '../../operators/fingerprint.js';
import { compareNaturally } from '../../operators/natural-order.js';
import { fail, ok, type Result } from '../../operators/result.js';
import { decodeRle } from '../../operators/rle.js';
import { sorted } from '../../operators/sorted.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { SavedModel } from '../../store/model-registry.js';
import { partOf } from '../../store/part-path.js';
import { kindOf, pixelKeysOf } from '../../store/pixel-keys.js';
import {
  type PixelRecord,
  type PredictionRecord,
  type PredictionRow,
  type SampleRecord,
  sampleKey,
} from '../../store/records.js';
import { inSubmissionOrder } from '../../store/submission-csv.js';
import { version } from '../../version.js';
import { TruthMasks } from '../evaluation/truth-masks.js';
import { hashOfBytes } from '../hash-of-bytes.js';
import { isReadFrom } from '../intake/content-hash.js';
import { itemAt, samplesOf } from '../intake/item.js';
import { type FileContext, readAgain } from '../intake/read-again.js';
import { inTimeSlices, TimeSlice } from '../time-slice.js';

export interface CatalogExport {
  readonly source: ExportSource;
  /** Of all that the images and masks come of. */
  readonly fingerprint: string;
  /** Whether there is an image to export at all. */
  readonly hasImages: boolean;
  /** Test images without a prediction of what they are now. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * What a catalog holds, to be exported: which images is settled now, each is read when it is its turn.
 * The event loop has its turns between them; `stopping` ends it with an AbortError.
 */
export async function exportOfCatalog(
  catalog: Catalog,
  settings: Settings,
  model: SavedModel | null,
  stopping?: AbortSignal,
): Promise<CatalogExport> {
  const { size, exportLabel: label, withTruth } = settings;
  const chosen = await inTimeSlices(choose(catalog, settings));
  const images = new CatalogImages(catalog, settings, chosen.paths);
  const slice = new TimeSlice();
  const turn = async () => {
    stopping?.throwIfAborted();
    if (slice.isOver) await slice.yield();
  };
  return {
    fingerprint: sha256(JSON.stringify([version, chosen.fingerprints, label, withTruth, size])),
    hasImages: chosen.predicted.length > 0 || chosen.pairs.length > 0,
    leftOut: chosen.leftOut.all,
    source: {
      ...{ size, label, withTruth, model },
      async *predicted() {
        for await (const row of catalog.rowsOf(chosen.predicted)) {
          await turn();
          const sample = catalog.samples.get(sampleKey({ split: 'test', id: row.id }));
          const image = sample?.imageSha === row.imageSha ? images.predicted(sample, row) : null;
          if (image !== null) yield image;
        }
      },
      async *pairs() {
        for (const id of chosen.pairs) {
          await turn();
          const sample = catalog.samples.get(sampleKey({ split: 'train', id }));
          const pair = sample === undefined ? null : await images.pair(sample);
          if (pair !== null) yield pair;
        }
      },
    },
  };
}

interface Chosen {
  /** Ids. */
  readonly predicted: readonly string[];
  readonly pairs: readonly string[];
  /** Of images under raw/, by the key of the sample. */
  readonly paths: ReadonlyMap<string, string>;
  readonly fingerprints: string;
  readonly leftOut: LeftOutList;
}

function* choose(catalog: Catalog, settings: Settings): Generator<void, Chosen> {
  const preprocessing = preprocessingKey(preprocessingOf(settings));
  const leftOut = new LeftOutList();
  const predicted = new Map<string, string>();
  const pairs = new Map<string, string>();
  for (const sample of catalog.samples.values()) {
    yield;
    const { id, split, fingerprint } = sample;
    if (split === 'train') {
      const isPair = sample.maskSha !== null && sample.preprocessing === preprocessing;
      if (isPair) pairs.set(id, fingerprint);
      continue;
    }
    const row = catalog.predictions.get(id);
    const failure = whyNot(sample, row, preprocessing);
    if (failure === null) predicted.set(id, `${fingerprint} ${row!.fingerprint}`);
    else leftOut.add(id, failure);
  }
  const paths = new Map<string, string>();
  for (const record of catalog.files.values()) {
    const item = kindOf(record) === 'image' ? itemAt(settings.layout, record.path) : null;
    for (const key of item === null ? [] : samplesOf(item, settings.layout)) {
      if (catalog.samples.get(key)?.imageSha === record.sha256) paths.set(key, record.path);
    }
    yield;
  }
  const testIds = yield* inSubmissionOrder([...predicted.keys()]);
  const trainingIds = yield* sorted([...pairs.keys()], compareNaturally);
  const hash = createHash('sha256');
  for (const id of testIds) {
    hash.update(`test ${id} ${predicted.get(id)}\n`);
    yield;
  }
  for (const id of trainingIds) {
    hash.update(`train ${id} ${pairs.get(id)}\n`);
    yield;
  }
  const fingerprints = hash.digest('hex');
  return { predicted: testIds, pairs: trainingIds, paths, fingerprints, leftOut };
}

function whyNot(
  sample: SampleRecord,
  row: PredictionRow | undefined,
  preprocessing: string,
): { readonly code: string; readonly message: string } | null {
  if (row === undefined || row.imageSha !== sample.imageSha) {
    return { code: 'NO_PREDICTION', message: 'not predicted yet' };
  }
  if (sample.preprocessing === preprocessing) return null;
  const message = `read with other settings (${sample.preprocessing}); give those, or run nerveflow ingest and predict`;
  return { code: 'OTHER_SETTINGS', message };
}

/** Samples as an export sees them. */
class CatalogImages {
  private truth: TruthMasks | null = null;
  private readonly context: FileContext;

  constructor(
    private readonly catalog: Catalog,
    settings: Settings,
    private readonly paths: ReadonlyMap<string, string>,
  ) {
    const { raw, layout } = settings;
    this.context = { raw, layout, reading: settings };
  }

  predicted(sample: SampleRecord, row: PredictionRecord): PredictedImage | null {
    if (!decodeRle(row.rle, row).ok) return null;
    const { height, width } = row;
    // Drawn when it is asked for: those of a long loop together would be much.
    const mask = () => {
      const drawn = decodeRle(row.rle, row);
      if (!drawn.ok) throw new Error(drawn.failure.message);
      return drawn.value;
    };
    return { ...this.image(sample, { height, width }), row, mask };
  }

  /** Null where the store has lost its pixels. */
  async pair(sample: SampleRecord): Promise<TrainingPair | null> {
    const keys = pixelKeysOf(sample);
    const [image, mask] = await this.catalog.cache.readPixels([keys.image, keys.mask]);
    if (image === undefined || mask === undefined) return null;
    const original = { height: image.originalHeight, width: image.originalWidth };
    return {
      ...this.image(sample, original, image),
      maskPixels: async () => ok(mask.pixels),
      readTruth: () => {
        this.truth ??= new TruthMasks(this.context, this.catalog);
        return this.truth.read(sample);
      },
    };
  }

  private image(
    sample: SampleRecord,
    original: SourceImage['original'],
    read?: PixelRecord,
  ): SourceImage {
    const { id, spacing } = sample;
    const path = this.paths.get(sampleKey(sample));
    const record = path === undefined ? undefined : this.catalog.files.get(path);
    const gone = async () => fail('GONE', 'its file under raw/ is not known any more');
    return {
      ...{ id, spacing, original, path: record?.path ?? null },
      pixels: async () => {
        const [found] = read
          ? [read]
          : await this.catalog.cache.readPixels([pixelKeysOf(sample).image]);
        return found ? ok(found.pixels) : fail('PIXELS_LOST', 'the store has lost its pixels');
      },
      readOriginal: record === undefined ? gone : () => readAgain(record, this.context),
      readFile: record === undefined ? gone : () => this.bytesOf(record.path),
    };
  }

  private async bytesOf(path: string): Promise<Result<Buffer>> {
    const { file } = partOf(path);
    const bytes = await readFile(join(this.context.raw, file)).catch(() => null);
    if (bytes === null) return fail('GONE', 'its file under raw/ is gone');
    const whole = this.catalog.files.get(file);
    if (whole !== undefined && isReadFrom(whole, await hashOfBytes(bytes))) return ok(bytes);
    return fail('CHANGED', 'its file under raw/ has changed since; run nerveflow ingest');
  }
}
