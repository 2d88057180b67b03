import type { GridSize } from '../operators/image.js';
import type { Result } from '../operators/result.js';

export type DecodeCode =
  | 'EMPTY_FILE'
  /** Ends before what it announces: it may still be being written, so waiting can help. */
  | 'TRUNCATED'
  | 'NOT_AN_IMAGE'
  | 'TOO_MANY_PIXELS'
  /** An image, but of values that are not read. */
  | 'UNSUPPORTED_SAMPLES'
  | 'DECODE_FAILED';

/** Millimetres from one pixel to the next. */
export interface PixelSpacing {
  readonly rowMm: number;
  readonly columnMm: number;
}

/** A part of the picture; rows and columns from 0, the ends not included. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** What a picture is cut to, and the size that it has before. */
export interface Cut extends Region {
  readonly of: GridSize;
}

/** DICOM's window: the grey values that a screen shows, from black to white. */
export interface GreyWindow {
  readonly centre: number;
  readonly width: number;
}

export type SampleArray =
  | Uint8Array
  | Uint16Array
  | Int8Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** One frame's values as stored, row by row: `stride` a pixel, of which the first `colours` count. */
export interface Frame extends GridSize {
  readonly data: SampleArray;
  readonly stride: number;
  readonly colours: 1 | 3;
  /** Whether the last of a pixel's values is its opacity. */
  readonly hasAlpha: boolean;
}

/** What a file says of its frames besides their pixels. Names of patients are not among it. */
export interface FrameNotes {
  readonly spacing: PixelSpacing | null;
  /** Of the regions of an ultrasound screen the one of tissue that covers the picture's centre. */
  readonly region: Cut | null;
  readonly window: GreyWindow | null;
  /** Bits that are used of each value, where the file says so. */
  readonly bits: number | null;
  /** Stored value times slope plus intercept is what the window is about. */
  readonly slope: number;
  readonly intercept: number;
  /** Low values are bright. */
  readonly isInverted: boolean;
  /** Small differences are the noise of its compression. */
  readonly isLossy?: boolean;
  /** Whom the frames show, in the file's words: to be hashed with a key, never to be written or told. */
  readonly patient: string | null;
}

export const noNotes: FrameNotes = {
  spacing: null,
  region: null,
  window: null,
  bits: null,
  slope: 1,
  intercept: 0,
  isInverted: false,
  patient: null,
};

/** A file of one or more frames, opened but not decoded. */
export interface FrameFile extends FrameNotes {
  readonly frames: number;
  /** Whether some frames may hold 8 bits and others more. */
  readonly isOfSeveralTypes?: boolean;
  /** Decodes one frame, from 0. Nothing is kept of it: one frame at a time is in memory. */
  frame(number: number): Promise<Result<Frame, DecodeCode>>;
}

/** Opens the bytes of a file of one format; `maxPixels` (height x width) bounds a frame. */
export type OpenFrames = (
  bytes: Uint8Array,
  maxPixels: number,
) => Promise<Result<FrameFile, DecodeCode>>;
