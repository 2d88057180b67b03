import type { Split } from './items.js';
import type { LeftOutReason } from './training.js';

/** What `nerveflow audit` found in the data. No model is needed for it, and nothing is changed. */
export interface AuditEvent {
  readonly type: 'audit.done';
  /** The grid on which all was looked at, `HEIGHTxWIDTH`. */
  readonly size: string;
  readonly pairs: number;
  readonly testImages: number;
  readonly emptyMasks: number;
  /** Pairs that training leaves out (if they are not validation's), each with what contradicts it. */
  readonly contradictions: readonly {
    readonly reason: LeftOutReason;
    /** What is left out. */
    readonly image: AuditedFile;
    readonly mask: string;
    readonly against: AuditedFile;
    readonly againstMask: string;
    readonly similarity: number;
    readonly dice: number;
  }[];
  /** Near-identical images whose outlines overlap, but not much; nothing is left out for it. */
  readonly partialOverlaps: readonly AuditedPair[];
  /** The same image, or nearly, under two subjects or in train and test: what is held out has been seen. */
  readonly duplicates: readonly {
    readonly kind: 'identical' | 'near-identical';
    readonly first: AuditedFile;
    readonly second: AuditedFile;
    readonly similarity: number;
  }[];
  /** One mask, not empty, under images that are not alike: copied by mistake, perhaps. */
  readonly copiedMasks: readonly { readonly masks: readonly AuditedFile[] }[];
  readonly subjects: readonly {
    readonly subject: number | string;
    readonly pairs: number;
    readonly empty: number;
    readonly leftOut: number;
    /** Whether it is among those that validate `train`'s models, from which nothing is left out. */
    readonly validates: boolean;
  }[];
  readonly sizes: {
    /** Median area of the masks that are not empty, a share of the image; null where there is none. */
    readonly median: number | null;
    readonly outliers: readonly {
      readonly mask: AuditedFile;
      readonly area: number;
      /** Modified z-score of the area's logarithm. */
      readonly z: number;
    }[];
  };
  /** Masks that may not be what was meant; all of them were taken. */
  readonly doubts: readonly {
    /** Stable, e.g. `MASK_COVERS_MOST`. */
    readonly code: string;
    readonly message: string;
    /** Null where it is about all masks together. */
    readonly mask: AuditedFile | null;
  }[];
  readonly atBorder: readonly AuditedFile[];
  readonly inPieces: readonly { readonly mask: AuditedFile; readonly pieces: number }[];
  readonly unpaired: readonly (AuditedFile & { readonly missing: 'image' | 'mask' })[];
  readonly unreadable: readonly {
    readonly file: string;
    readonly code: string;
    readonly message: string;
  }[];
}

/** A file of raw/, by its path in there, and the sample that it belongs to. */
export interface AuditedFile {
  readonly id: string;
  readonly split: Split;
  readonly file: string;
}

/** Two near-identical images of one subject and how far their masks agree. */
export interface AuditedPair {
  readonly first: AuditedFile;
  readonly second: AuditedFile;
  /** Of the images, 0..1. */
  readonly similarity: number;
  /** Of the masks, 0..1. */
  readonly dice: number;
}
