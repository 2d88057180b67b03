import { parseImageName } from '../operators/image-name.js';
import type { Catalog } from '../store/catalog.js';
import type { PredictionRow, SampleRecord } from '../store/records.js';
import { sampleKey } from '../store/records.js';
import { inTimeSlices } from '../streams/time-slice.js';
import type { Image, ListQuery } from './api.js';
import type { ImageFiles } from './image-files.js';
import { byName, inOrder } from './image-order.js';

/**
 * All images of a catalog as the page sees them, from what is in memory: nothing is read for it. Made
 * when somebody asks and again when the catalog has changed, in slices.
 */
export class ImageTable {
  private made = '';
  private making: Promise<void> | null = null;
  private named: readonly Image[] = [];
  private readonly orders = new Map<string, readonly Image[]>();

  constructor(
    private readonly catalog: Pick<Catalog, 'files' | 'samples' | 'predictions'>,
    private readonly files: ImageFiles,
  ) {}

  async inOrder(query: Pick<ListQuery, 'sort' | 'order'>): Promise<readonly Image[]> {
    await this.bringUpToDate();
    const name = `${query.sort} ${query.order}`;
    const known = this.orders.get(name);
    if (known !== undefined) return known;
    const { named } = this;
    const ordered = await inTimeSlices(inOrder(named, query));
    if (this.named === named) this.orders.set(name, ordered);
    return ordered;
  }

  /** One image as it is now. */
  async find(key: string): Promise<Image | null> {
    const sample = this.catalog.samples.get(key);
    if (sample === undefined) return null;
    await this.files.bringUpToDate();
    return this.imageOf(sample);
  }

  private get changes(): string {
    const { files, samples, predictions } = this.catalog;
    return `${files.changes} ${samples.changes} ${predictions.changes}`;
  }

  private async bringUpToDate(): Promise<void> {
    if (this.made === this.changes) return;
    this.making ??= this.make().finally(() => {
      this.making = null;
    });
    await this.making;
  }

  private async make(): Promise<void> {
    await this.files.bringUpToDate();
    const { changes } = this;
    this.named = await inTimeSlices(this.images());
    this.orders.clear();
    this.made = changes;
  }

  private *images(): Generator<void, readonly Image[]> {
    const images: Image[] = [];
    for (const sample of this.catalog.samples.values()) {
      images.push(this.imageOf(sample));
      yield;
    }
    return yield* byName(images);
  }

  private imageOf(sample: SampleRecord): Image {
    const { id, split, imageSha, maskSha, fingerprint, spacing } = sample;
    const key = sampleKey(sample);
    const path = this.files.imagePath(key, imageSha);
    const file = path === undefined ? undefined : this.catalog.files.get(path);
    const row = split === 'test' ? this.catalog.predictions.get(id) : undefined;
    const current = row?.imageSha === imageSha ? row : undefined;
    return {
      ...{ key, id, split, subject: subjectOf(sample) },
      height: file?.height ?? current?.height ?? 0,
      width: file?.width ?? current?.width ?? 0,
      version: `${fingerprint.slice(0, 12)}-${current?.fingerprint.slice(0, 12) ?? ''}`,
      spacing: spacing ?? null,
      hasTruth: maskSha !== null,
      prediction: current === undefined ? null : this.predictionOf(current, spacing),
    };
  }

  private predictionOf(
    { id, pixels, modelId, predictedAt }: PredictionRow,
    spacing: SampleRecord['spacing'],
  ): Image['prediction'] {
    return {
      ...{ pixels, modelId, ...this.catalog.predictions.measuresOf(id) },
      areaMm2: spacing === undefined ? null : pixels * spacing.rowMm * spacing.columnMm,
      predictedAt: predictedAt === undefined ? null : new Date(predictedAt).toISOString(),
    };
  }
}

function subjectOf({ id, split, subject }: SampleRecord): string | null {
  if (subject !== undefined) return subject;
  const name = split === 'train' ? parseImageName(`train/${id}.tif`) : null;
  return name?.kind === 'train-image' ? String(name.subject) : null;
}
