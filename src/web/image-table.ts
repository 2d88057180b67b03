import type { Layout } from '../layout/file-role.js';
import { parseImageName } from '../operators/image-name.js';
import type { Catalog } from '../store/catalog.js';
import { type PredictionRow, type SampleRecord, sampleKey } from '../store/records.js';
import { inTimeSlices } from '../streams/time-slice.js';
import type { Image, ListQuery } from './api.js';
import { ImageFiles } from './image-files.js';
import { byName, inOrder, type ListedImage, listed } from './image-order.js';

/**
 * All images of a catalog as the page sees them, from what is in memory: nothing is read for it. Begun
 * when somebody first asks; from then on only what has changed is made again, when it is asked for.
 */
export class ImageTable {
  readonly files: ImageFiles;
  private readonly images = new Map<string, ListedImage>();
  /** Keys of images that may be others than those that were made. */
  private readonly changed = new Set<string>();
  private named: readonly ListedImage[] = [];
  private readonly orders = new Map<string, readonly Image[]>();
  private isBegun = false;
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly catalog: Pick<Catalog, 'files' | 'samples' | 'predictions'>,
    layout: Layout,
  ) {
    this.files = new ImageFiles(catalog, layout, (key) => this.changed.add(key));
  }

  async inOrder({ sort, order }: Pick<ListQuery, 'sort' | 'order'>): Promise<readonly Image[]> {
    return await this.inTurn(async () => {
      const name = `${sort} ${order}`;
      const ordered =
        this.orders.get(name) ?? (await inTimeSlices(inOrder(this.named, { sort, order })));
      this.orders.set(name, ordered);
      return ordered;
    });
  }

  async counts(): Promise<{ readonly train: number; readonly test: number }> {
    return await this.inTurn(async () => {
      let train = 0;
      for (const { image } of this.named) if (image.split === 'train') train++;
      return { train, test: this.named.length - train };
    });
  }

  /** One image as it is now. */
  async find(key: string): Promise<Image | null> {
    if (!this.isBegun) await this.inTurn(async () => {});
    const sample = this.catalog.samples.get(key);
    return sample === undefined ? null : this.imageOf(sample);
  }

  /** Asks of a table that is up to date and does not change meanwhile. */
  private inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(async () => {
      await inTimeSlices(this.bringUpToDate());
      return await ask();
    });
    this.lastTurn = turn.catch(() => {});
    return turn;
  }

  private *bringUpToDate(): Generator<void, void> {
    if (!this.isBegun) yield* this.begin();
    if (this.changed.size === 0) return;
    let hasOthers = false;
    // Those that change meanwhile are taken too, once.
    const changed = [...this.changed];
    for (const key of changed) {
      this.changed.delete(key);
      hasOthers = this.take(key) || hasOthers;
      yield;
    }
    this.orders.clear();
    if (hasOthers) this.named = yield* byName([...this.images.values()]);
  }

  private *begin(): Generator<void, void> {
    this.isBegun = true;
    const { samples, predictions } = this.catalog;
    samples.watch((key) => this.changed.add(key));
    predictions.watch((id) => this.changed.add(sampleKey({ split: 'test', id })));
    yield* this.files.begin();
    for (const key of samples.keys()) this.changed.add(key);
  }

  /** Whether there is one more, or one less. */
  private take(key: string): boolean {
    const sample = this.catalog.samples.get(key);
    if (sample === undefined) return this.images.delete(key);
    const known = this.images.get(key);
    const image = this.imageOf(sample);
    if (known === undefined) this.images.set(key, listed(image));
    else known.image = image;
    return known === undefined;
  }

  private imageOf(sample: SampleRecord): Image {
    const { id, split, imageSha, maskSha, fingerprint, spacing } = sample;
    const key = sampleKey(sample);
    const file = this.files.imageOf(key, imageSha);
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
