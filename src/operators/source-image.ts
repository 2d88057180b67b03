import type { ReadingSettings } from '../formats/reading-settings.js';
import type { Label } from '../labels/label.js';
import type { GreyImage, GridSize } from './image.js';
import type { OpenedFrame } from './read-frame.js';
import type { Remarks } from './remarks.js';
import type { Result } from './result.js';

/** A file that holds an image or a mask, as it was read. */
export interface ImageFile {
  readonly kind: 'image' | 'mask';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether its buffer can be moved to another thread, leaving nothing here. */
  readonly isMovable: boolean;
}

/** An image or a mask whose pixels have not been asked for. */
export interface CodedImage extends ImageFile {
  readonly is: 'coded';
  /** Height x width of the largest that may be decoded. */
  readonly maxPixels: number;
  readonly reading: Partial<ReadingSettings>;
  /** Whether nothing of that decides its pixels. */
  readonly isAsUsual: boolean;
}

/** A mask that is still to be drawn. */
export interface LabelledImage {
  readonly is: 'label';
  readonly kind: 'mask';
  readonly label: Label;
  readonly size: GridSize;
}

/** A frame of a file that has been opened. */
export interface OpenedImage extends OpenedFrame {
  readonly is: 'frame';
}

/** The same once a step has worked on its pixels. */
export interface SourcePixels {
  readonly is: 'pixels';
  readonly kind: 'image' | 'mask';
  readonly image: GreyImage;
  /** The size it has in its file. */
  readonly original: GridSize;
  readonly remarks?: Remarks;
}

/** An image or a mask on its way from its file to the network. */
export type SourceImage = CodedImage | OpenedImage | SourcePixels;

/** A step between decoding and resizing. */
export type ImageStep = (image: SourceImage) => Promise<Result<SourceImage>>;

/** Pixels at the network's size, and the size that the image has in its file. */
export interface ResizedImage {
  readonly originalHeight: number;
  readonly originalWidth: number;
  readonly pixels: Uint8Array;
  readonly remarks?: Remarks;
}
