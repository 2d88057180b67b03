import type { Observable } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import type { GreyImage } from '../operators/image.js';
import { compareNaturally } from '../operators/natural-order.js';
import { fail, ok, type Result } from '../operators/result.js';
import { encodeRle } from '../operators/rle.js';
import type { Settings } from '../settings/options.js';
import { measurementsOf } from '../store/measurements-csv.js';
import { ModelRegistry } from '../store/model-registry.js';
import type { OpenStore } from '../store/open-store.js';
import { partOf } from '../store/part-path.js';
import { pixelKeysOf } from '../store/pixel-keys.js';
import type { FileRecord, SampleRecord } from '../store/records.js';
import { readAgain } from '../streams/intake/read-again.js';
import { inTimeSlices } from '../streams/time-slice.js';
import { version } from '../version.js';
import type { Image, ImageDetails, ImageList, ListQuery, Mask, MaskOf, Status } from './api.js';
import { FailedFiles } from './failed-files.js';
import { ImageTable } from './image-table.js';
import { listImages } from './list-images.js';
import { Pictures } from './pictures.js';
import type { Thumbnails } from './thumbnails.js';
import type { WebSource } from './web-source.js';

export interface CatalogSourceOptions {
  readonly store: Pick<OpenStore, 'catalog' | 'paths'>;
  readonly settings: Pick<Settings, 'raw' | 'layout' | 'size'> & Partial<Settings>;
  readonly events$: Observable<PipelineEvent>;
  /** What runs in this process; null where nothing does but the page. */
  readonly command: string | null;
  readonly thumbnails: Thumbnails;
}

const mostReadForThumbnail = 8 * 1024 * 1024;

/** What the page sees of a store that this process holds. */
export class CatalogSource implements WebSource {
  readonly events$: Observable<PipelineEvent>;
  private readonly table: ImageTable;
  private readonly pictures: Pictures;
  private readonly failed: FailedFiles;
  private readonly models: ModelRegistry;

  constructor(private readonly options: CatalogSourceOptions) {
    const { store, settings, events$ } = options;
    this.events$ = events$;
    this.table = new ImageTable(store.catalog, settings.layout);
    this.pictures = new Pictures(options.thumbnails);
    this.failed = new FailedFiles(events$, store.catalog.files);
    this.models = new ModelRegistry(store.paths.models);
  }

  async status(): Promise<Status> {
    const { catalog } = this.options.store;
    const card = await this.models.currentCard();
    const dice = card?.metrics.validationImageDice ?? card?.metrics.validationDice ?? null;
    return {
      version,
      program: { running: this.options.command !== null, command: this.options.command },
      model: card === null ? null : { id: card.modelId, recipe: card.recipe, dice },
      counts: {
        ...(await this.table.counts()),
        predicted: catalog.predictions.size,
        failed: this.failed.count,
      },
      canLabel: false,
    };
  }

  async list(query: ListQuery): Promise<ImageList> {
    return await inTimeSlices(listImages(await this.table.inOrder(query), query));
  }

  image(key: string): Promise<Image | null> {
    return this.table.find(key);
  }

  async details(image: Image): Promise<ImageDetails> {
    const { catalog } = this.options.store;
    const [row] = image.prediction === null ? [] : await catalog.cache.readPredictions([image.id]);
    const measures = row === undefined ? {} : measurementsOf(row, image.spacing ?? undefined);
    return { ...image, measures, frames: this.framesOf(image) };
  }

  async picture(image: Image, size: 'thumb' | 'full') {
    const sample = this.sampleOf(image);
    if (sample === undefined) return gone;
    const file = this.table.files.imageOf(image.key, sample.imageSha);
    const original = () => this.read(file);
    if (size === 'full') return await this.pictures.full(original);
    const small = () => this.networkSized(sample);
    // Each frame of a loop would read the whole of it.
    const isLarge = file !== undefined && file.size > mostReadForThumbnail;
    return await this.pictures.thumbnail(sample.imageSha, isLarge ? small : original, small);
  }

  async mask(image: Image, of: MaskOf): Promise<Result<Mask>> {
    return of === 'truth' ? await this.truth(image) : await this.prediction(image);
  }

  private async prediction({ id, prediction }: Image): Promise<Result<Mask>> {
    const { cache } = this.options.store.catalog;
    const [row] = prediction === null ? [] : await cache.readPredictions([id]);
    if (row === undefined) return fail('NO_PREDICTION', 'This image has no prediction yet.');
    return ok({ height: row.height, width: row.width, rle: row.rle });
  }

  private async truth(image: Image): Promise<Result<Mask>> {
    const maskSha = this.sampleOf(image)?.maskSha;
    if (!maskSha) return fail('NO_TRUTH', 'This image has no mask of its own.');
    const read = await this.read(this.table.files.maskOf(image.key, maskSha));
    if (!read.ok) return read;
    const { height, width, data } = read.value;
    return ok({ height, width, rle: encodeRle(data, { height, width }) });
  }

  private sampleOf({ key }: Image): SampleRecord | undefined {
    return this.options.store.catalog.samples.get(key);
  }

  /** Why it failed is told by the log: what a file says of itself does not leave. */
  private async read(record: FileRecord | undefined): Promise<Result<GreyImage>> {
    if (record === undefined) return gone;
    const { settings } = this.options;
    const { raw, layout } = settings;
    const read = await readAgain(record, { raw, layout, reading: settings });
    if (read.ok) return read;
    const { code } = read.failure;
    return code === 'GONE' ? gone : fail(code, `It cannot be read from raw/ now (${code}).`);
  }

  private async networkSized(sample: SampleRecord): Promise<Result<GreyImage>> {
    const { catalog } = this.options.store;
    const [record] = await catalog.cache.readPixels([pixelKeysOf(sample).image]);
    const [height = 0, width = 0] = (/(\d+)x(\d+)/.exec(sample.preprocessing) ?? [])
      .slice(1)
      .map(Number);
    if (record === undefined || record.pixels.length !== height * width) return gone;
    return ok({ height, width, data: record.pixels });
  }

  private framesOf({ key }: Image): ImageDetails['frames'] {
    const { catalog } = this.options.store;
    const imageSha = catalog.samples.get(key)?.imageSha ?? '';
    const { files } = this.table;
    const { file, part } = partOf(files.imageOf(key, imageSha)?.path ?? '');
    if (part === null) return null;
    const paths = [...catalog.files.partsOf(file)].sort(compareNaturally);
    const keys = paths.flatMap((path) => files.keyAt(path) ?? []);
    const index = keys.indexOf(key);
    return index < 0 ? null : { keys, index };
  }
}

const gone = fail('GONE', 'Its file under raw/ is not there any more.');
