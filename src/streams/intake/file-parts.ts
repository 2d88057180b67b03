import type { ImageFile, LabelledImage, OpenedImage } from '../../operators/source-image.js';
import type { FileInHand } from './file-in-hand.js';

/** What is decoded: a file, a frame of one, or a mask that is drawn already. */
export type Content = ImageFile | OpenedImage | LabelledImage;

/** What a file holds. */
export type FileParts =
  | { readonly are: 'one'; readonly file: FileInHand<Content>; readonly close?: () => void }
  | {
      readonly are: 'many';
      readonly count: number;
      readonly parts: Iterable<FileInHand<Content>>;
      /** What was left out of a file of labels, a line each. */
      readonly leftOut: readonly string[];
      /** Whether these are all parts that it has. */
      readonly isWhole: boolean;
      /** To be called when no more is read of it. */
      readonly close?: () => void;
    };
