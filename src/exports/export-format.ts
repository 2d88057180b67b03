import type { LeftOut } from '../events.js';
import type { PixelSpacing } from '../formats/frames.js';
import type { GreyImage, GridSize } from '../operators/image.js';
import type { Result } from '../operators/result.js';
import type { SavedModel } from '../store/model-registry.js';
import type { PredictionRecord } from '../store/records.js';
import type { FormatName } from './format-names.js';

/** One way to hand on what the store holds: images with their masks, or the current model alone. */
export type ExportFormat = ImageFormat | ModelFormat;

export interface ImageFormat {
  readonly name: FormatName;
  readonly of: 'images';
  /**
   * Writes into an empty folder, which appears under its name once this has resolved. What is left out is
   * told in the report. Fails where nothing can be written; rejects with the file system's error.
   */
  write(from: ExportSource, folder: string): Promise<Result<ExportReport>>;
}

export interface ModelFormat {
  readonly name: FormatName;
  readonly of: 'model';
  /** As above. */
  write(from: Pick<ExportSource, 'model'>, folder: string): Promise<Result<ExportReport>>;
}

export interface ExportReport {
  /** Images in it; 0 of a model. */
  readonly images: number;
  readonly leftOut: readonly LeftOut[];
}

/** What there is to export: one image at a time is in memory, however many there are. */
export interface ExportSource {
  /** What the network reads. */
  readonly size: GridSize;
  /** What the masks show, as formats with names call it. */
  readonly label: string;
  /** Whether true masks are wanted beside predicted ones. */
  readonly withTruth: boolean;
  /** The current model, its card with the post-processing that is asked for; null where there is none. */
  readonly model: SavedModel | null;
  /** Test images with a prediction, by id. */
  predicted(): AsyncIterable<PredictedImage>;
  /** Training images with their masks, by id. */
  pairs(): AsyncIterable<TrainingPair>;
}

export interface SourceImage {
  readonly id: string;
  /** Of its file under raw/, or of the part of one (`test/7.dcm//12`); null where none is known. */
  readonly path: string | null;
  /** Of the original image. */
  readonly original: GridSize;
  readonly spacing: PixelSpacing | undefined;
  /** uint8 grey at the network's size, from the store; fails where that has others. */
  pixels(): Promise<Result<Uint8Array>>;
  /** From raw/, as it was taken in; fails with `GONE` or `CHANGED`. */
  readOriginal(): Promise<Result<GreyImage>>;
  /** The bytes of its file under raw/; fails with `GONE` or `CHANGED`. */
  readFile(): Promise<Result<Buffer>>;
}

export interface PredictedImage extends SourceImage {
  readonly row: PredictionRecord;
  /** 0 or 1, row-major, on the original grid. */
  mask(): Uint8Array;
}

export interface TrainingPair extends SourceImage {
  /** 0 or 1 at the network's size, from the store. */
  maskPixels(): Promise<Result<Uint8Array>>;
  /** 0 or 1 on the original grid, from raw/; fails with `MASK_GONE` or `MASK_CHANGED`. */
  readTruth(): Promise<Result<GreyImage>>;
}
