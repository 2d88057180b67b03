import type { Split } from '../events.js';

/** As long as all of it stays the same, a file need not be hashed again. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  /**
   * Of the inode; nobody can set it. Two uncompressed images from one archive agree in size and
   * modification time, and keep both when one is moved over the other.
   */
  readonly ctimeMs: number;
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/** What is known of a file of raw/, keyed by its path relative to raw/. */
export interface FileRecord extends FileStamp {
  readonly path: string;
  /** SHA-256 of its bytes, hex. */
  readonly sha256: string;
  /** Rows and columns of the decoded image. */
  readonly height: number;
  readonly width: number;
  /** The preprocessing whose pixels the cache holds for it. */
  readonly preprocessing: string;
}

/** Pixels at the network's size, and what is needed of the original. Keyed by content, not by name. */
export interface PixelRecord {
  /** Rows and columns of the original image. */
  readonly originalHeight: number;
  readonly originalWidth: number;
  /** uint8, row-major, the network's size; a mask's pixels are 0 or 1. */
  readonly pixels: Uint8Array;
}

/** One thing to train on or to predict: an image, with its mask in train. */
export interface SampleRecord {
  /** Train: `S_N`. Test: `N`. */
  readonly id: string;
  readonly split: Split;
  readonly imageSha: string;
  readonly maskSha: string | null;
  /** Of the image's bytes, the mask's bytes and the preprocessing settings. */
  readonly fingerprint: string;
  readonly preprocessing: string;
}

export function sampleKey({ split, id }: Pick<SampleRecord, 'split' | 'id'>): string {
  return `${split}/${id}`;
}

/** What is known of a row of submission.csv without reading it. */
export interface PredictionRow {
  readonly id: string;
  /** Of the sample's fingerprint, the model and the post-processing settings. */
  readonly fingerprint: string;
  readonly imageSha: string;
  readonly preprocessing: string;
  readonly modelId: string;
  readonly postprocessing: string;
  readonly height: number;
  readonly width: number;
  /** Foreground pixels on the original grid. */
  readonly pixels: number;
  /** When, in milliseconds since 1970; left out by earlier versions. */
  readonly predictedAt?: number;
}

/** The prediction that stands in submission.csv for a test image. */
export interface PredictionRecord extends PredictionRow {
  readonly rle: string;
}
