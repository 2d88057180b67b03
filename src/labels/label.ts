import type { GridSize } from '../operators/image.js';

/** A shape to be filled; x to the right, y down, in pixels of the image, as in COCO and labelme. */
export type Shape =
  | { readonly type: 'polygons'; readonly rings: readonly (readonly number[])[] }
  /** Runs of background and foreground by turns, down the columns, as in COCO. */
  | { readonly type: 'runs'; readonly counts: readonly number[]; readonly size: GridSize }
  /** First pixel (from 1) and length by turns, down the columns, as in Kaggle's CSV. */
  | { readonly type: 'starts'; readonly pairs: readonly number[] };

/** The label of one image, out of a file that holds those of many. */
export interface Label {
  /** The image's file name or path as the file says it, or its id. */
  readonly image: string;
  /** Null where the file does not tell: the image's own size counts. */
  readonly size: GridSize | null;
  readonly shapes: readonly Shape[];
}
