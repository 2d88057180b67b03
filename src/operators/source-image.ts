import type { Cut, FrameNotes } from '../formats/frames.js';
import type { GreyRange } from '../formats/grey-values.js';
import type { ReadingSettings } from '../formats/reading-settings.js';
import type { Doubt } from '../labels/doubt.js';
import type { Label } from '../labels/label.js';
import type { GreyImage, GridSize } from './image.js';
import type { Remarks } from './remarks.js';
import type { Result } from './result.js';

/** A file that holds an image or a mask, as it was read. */
export interface ImageFile {
  readonly kind: 'image' | 'mask';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of a mask, what its image was cut to. */
  readonly cut?: Cut | null;
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
  /** What its image was cut to, which counts where the label is of the size before. */
  readonly cut: Cut | null;
}

export interface ReadFrame {
  readonly image: GreyImage;
  readonly remarks: Remarks;
}

/** What is known of a file once it is open, before a frame is read. */
export interface FileNotes extends Pick<FrameNotes, 'spacing' | 'patient'> {
  /** What its frames are cut to. */
  readonly cut: Cut | null;
  readonly frames: number;
  /** What its values need; null where that is not asked. */
  readonly range: GreyRange | null;
  /** What may be wrong with it as a stack. */
  readonly doubts: readonly Doubt[];
}

/** A file of one or more frames, on this thread or on another. */
export interface OpenedFile {
  readonly notes: FileNotes;
  /**
   * A frame, from 0, as 8-bit grey or as a mask of 0 and 1. One at a time is in memory.
   *
   * @param range what is black and what is white; by default what the file's own values need
   */
  read(number: number, range?: GreyRange | null): Promise<Result<ReadFrame>>;
  /** Its bytes may go. */
  close(): void;
}

/** A frame of a file that has been opened. */
export interface OpenedImage {
  readonly is: 'frame';
  readonly kind: 'image' | 'mask';
  readonly file: OpenedFile;
  /** From 0. */
  readonly number: number;
  /** Where not only the file's own values decide. */
  readonly range?: GreyRange | null;
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
