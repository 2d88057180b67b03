import type { Split } from '../events.js';

/**
 * What a file under raw/ is. A mask names its image by the image's id. `either` is an image to
 * train on when it has a mask and to be predicted when it has none.
 */
export type FileRole =
  | {
      readonly kind: 'image';
      readonly split: Split | 'either';
      readonly id: string;
      readonly subject: string;
    }
  | { readonly kind: 'mask'; readonly id: string }
  /** Labels of many images: COCO, labelme, Kaggle's train_masks.csv. */
  | { readonly kind: 'labels' }
  /** Not ours: ignored and counted. */
  | { readonly kind: 'foreign' };

/** A table below raw/ of what images truly measure, in mm or mm², and its columns. */
export interface MeasureTable {
  readonly csv: string;
  readonly file: string;
  readonly mm: string;
  readonly is: 'circumference' | 'area';
}

/** Which files are images, which is whose mask, who the subject is: a rule on names alone. */
export interface Layout {
  readonly name: string;
  /** One's own as it was given: where these differ, the layouts do. */
  readonly patterns?: string;
  /** Whether an id alone tells the split, the subject and what its files are called, as in Kaggle's. */
  readonly idsTellAll?: boolean;
  /** Whether it says who the subject is; else what a DICOM file says of that counts over names. */
  readonly namesSubjects?: boolean;
  /** How its masks are drawn, where that is not as the settings say. */
  readonly maskKind?: 'filled' | 'outline';
  /** A table of pixel sizes below raw/, and its columns. */
  readonly spacing?: { readonly csv: string; readonly file: string; readonly mm: string };
  readonly measure?: MeasureTable;
  /** Of a path relative to raw/, with forward slashes. */
  roleOf(path: string): FileRole;
  /** Whether files below a folder (relative to raw/) can be anything; '' is raw/ itself. */
  mayHold(folder: string): boolean;
}

/** Whether a path is one of the layout's tables: it counts, and is no image. */
export function isTable({ spacing, measure }: Layout, path: string): boolean {
  return path === spacing?.csv || path === measure?.csv;
}
