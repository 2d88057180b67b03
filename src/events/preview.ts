import type { Split } from './items.js';

/**
 * What the model sees, for people to look at: an image at the network's size (a large one at less)
 * and the mask it was given. About two a second at most, however many are predicted; not among
 * what `--json` prints.
 */
export interface PreviewEvent {
  readonly type: 'preview';
  readonly id: string;
  readonly split: Split;
  readonly picture: Picture;
  /** Against the truth, on the network's grid; only where that is known. */
  readonly imageDice?: number;
  /** Of the running training, where it validates. */
  readonly epoch?: number;
}

/** A small grey image with masks on its grid, as text so that it travels as JSON. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** Base64 of one byte a pixel, row by row. */
  readonly image: string;
  /** Base64 of one bit a pixel, row by row, the first pixel the highest bit of its byte. */
  readonly mask: string;
  /** As `mask`, where the true mask is known. */
  readonly truth?: string;
}
