import type { Split } from '../events.js';
import type { Cut, PixelSpacing } from '../formats/frames.js';
import type { GreyRange } from '../formats/grey-values.js';
import type { Doubt } from '../labels/doubt.js';
import type { MaskGrey } from '../operators/mask-grey.js';
import type { MaskGeometry } from '../operators/mask-measures.js';

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

/** What is black and what is white: what a file's own values need, and what was taken for its subject. */
export interface SubjectRange {
  readonly own: GreyRange;
  readonly taken: GreyRange;
}

/** What a file holds: an image, a mask, or several of them, each of which has a record of its own. */
export type FileKind = 'image' | 'mask' | 'parts';

/**
 * What is known of a file of raw/, keyed by its path relative to raw/, or of a part of one: frame
 * 12 of `test/7.dcm` is `test/7.dcm//12`.
 */
export interface FileRecord extends FileStamp {
  readonly path: string;
  /** Left out by version 0.1: it follows from Kaggle's names. */
  readonly kind?: FileKind;
  /**
   * SHA-256 of its bytes, hex; of a part, of what it is in the file; where the grey of other files
   * decides its pixels, of that too.
   */
  readonly sha256: string;
  /** Where the file or the settings say so. */
  readonly spacing?: PixelSpacing;
  /** What of its values was taken as black to white, in words, where they are not of 8 bits. */
  readonly grey?: string;
  /** Where its values are not of 8 bits, and no window counts. */
  readonly range?: SubjectRange;
  /** What it was cut to; of a mask, what it is to be cut to where it is of the image's whole size. */
  readonly cut?: Cut;
  /** What may be wrong with a mask, as it was when it was read. */
  readonly doubts?: readonly Doubt[];
  /** Whom the image shows, as a keyed hash of what the file says. */
  readonly patient?: string;
  /** Rows and columns of the decoded image; 0 of one in parts. */
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
  /** In Kaggle's layout `S_N` in train, `N` in test. */
  readonly id: string;
  readonly split: Split;
  readonly imageSha: string;
  readonly maskSha: string | null;
  /** Of the image's bytes, the mask's bytes and the preprocessing settings. */
  readonly fingerprint: string;
  readonly preprocessing: string;
  /** Whom it shows; left out where that is the S of an id `S_N`. */
  readonly subject?: string;
  readonly spacing?: PixelSpacing;
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
  /** Left out by version 0.1. */
  readonly measures?: PredictionMeasures;
}

/**
 * What is measured while a mask is drawn: its run lengths do not tell it, or only slowly. Sizes in
 * millimetres are none of it: they follow from the sample's spacing, which may become known later.
 */
export interface PredictionMeasures {
  /** Null of an empty mask. */
  readonly geometry: MaskGeometry | null;
  /** 0..255, of the image and the mask at the network's size. */
  readonly grey: MaskGrey;
  /** `presenceEvidence`; null where the model does not tell. */
  readonly evidence: number | null;
  /** `uncertaintyOf`. */
  readonly uncertainty: number;
}
