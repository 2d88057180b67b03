import type { GreyImage } from '../operators/image.js';
import { ok, type Result } from '../operators/result.js';
import type { DecodeCode, Frame, FrameFile, FrameNotes, GreyWindow } from './frames.js';
import { type ReadingSettings, usualReading } from './reading-settings.js';

/** What is black and what is white: all that the depth holds which the values need. */
export interface GreyRange {
  readonly least: number;
  readonly most: number;
  readonly type: 'whole' | 'float';
}

const depths = [8, 10, 12, 14, 16];

const ofBytes: GreyRange = { least: 0, most: 255, type: 'whole' };

/**
 * Of all frames of a file that are not of 8 bits. Looked for frame by frame, where it counts: null of
 * 8-bit files, of masks, and where a window says what is black and what is white.
 */
export async function rangeOf(
  file: FrameFile,
  kind: 'image' | 'mask' = 'image',
  { depth, window }: Pick<ReadingSettings, 'depth' | 'window'> = usualReading,
): Promise<Result<GreyRange | null, DecodeCode>> {
  if (kind === 'mask' || (window ?? file.window) !== null) return ok(null);
  let areAllBytes = true;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let type: GreyRange['type'] = 'whole';
  for (let number = 0; number < file.frames; number++) {
    const frame = await file.frame(number);
    // One bad frame does not stop the others.
    if (!frame.ok) {
      if (file.frames === 1) return frame;
      continue;
    }
    const { data, stride, colours } = frame.value;
    if (data instanceof Uint8Array) {
      if (!file.isOfSeveralTypes) return ok(null);
      continue;
    }
    areAllBytes = false;
    if (data instanceof Float32Array || data instanceof Float64Array) type = 'float';
    for (let pixel = 0; pixel < data.length; pixel += stride) {
      for (let channel = 0; channel < colours; channel++) {
        const value = data[pixel + channel]!;
        // What a float holds of infinities is no grey.
        if (value < least && value !== Number.NEGATIVE_INFINITY) least = value;
        if (value > most && value !== Number.POSITIVE_INFINITY) most = value;
      }
    }
  }
  return ok(areAllBytes ? null : filled({ least, most, type }, depth));
}

/** The smallest that holds all of some, of one type: of the files of a subject. */
export function rangeOfAll(
  ranges: readonly GreyRange[],
  depth: ReadingSettings['depth'],
): GreyRange {
  const least = Math.min(...ranges.map((range) => range.least));
  const most = Math.max(...ranges.map((range) => range.most));
  return filled({ least, most, type: ranges[0]!.type }, depth);
}

export function isSameRange(a: GreyRange, b: GreyRange): boolean {
  return a.least === b.least && a.most === b.most && a.type === b.type;
}

/** In words; null for 8 bits as they are. */
export function wordsOf(range: GreyRange, depth: ReadingSettings['depth']): string | null {
  return spanOf(range, depth).taken;
}

/** From black to white; a range that is filled stays as it is. */
function filled(range: GreyRange, depth: ReadingSettings['depth']): GreyRange {
  const { from, to } = spanOf(range, depth);
  return { least: from, most: to, type: range.type };
}

export interface Grey {
  readonly image: GreyImage;
  /** What was taken as black to white, in words; null for 8 bits as they are. */
  readonly taken: string | null;
}

/**
 * Stored values as 8-bit grey, by one rule for all frames of a file, and for all files of a subject
 * by the range that holds theirs:
 *
 * 1. the window of the settings, or the file's (DICOM PS3.3 C.11.2.1.2, linear);
 * 2. else a depth: the settings', or the fewest of 8, 10, 12, 14 and 16 bits that hold all values;
 *    signed values as if half of that range were below 0;
 * 3. floating point from 0 to 1 is black to white, or from -1 to 1 where some are below 0; beyond
 *    that as if whole numbers. What is no number is black;
 * 4. frames of 8 bits stay as they are, also among others.
 *
 * Rounded half up; colour by its luma, 0.299 R + 0.587 G + 0.114 B; where the file says that low is
 * bright, turned round.
 */
export function greyOf(
  frame: Frame,
  notes: FrameNotes,
  { depth, window: asked }: Pick<ReadingSettings, 'depth' | 'window'>,
  range: GreyRange | null,
): Grey {
  const window = asked ?? notes.window;
  const { height, width, data, stride, colours } = frame;
  const isPlain = data instanceof Uint8Array && depth === 'auto' && !notes.isInverted;
  if (isPlain && window === null && stride === 1) {
    return { image: { height, width, data }, taken: null };
  }
  const counted = range === null || data instanceof Uint8Array ? ofBytes : range;
  const { from, to, taken } = windowed(window, notes) ?? spanOf(counted, depth);
  const grey = new Uint8Array(height * width);
  const scale = 255 / (to - from);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += stride) {
    const value =
      colours === 1
        ? data[at]!
        : (299 * data[at]! + 587 * data[at + 1]! + 114 * data[at + 2]!) / 1000;
    const shade = Math.min(255, Math.max(0, Math.floor((value - from) * scale + 0.5)));
    grey[pixel] = notes.isInverted ? 255 - shade : shade;
  }
  return { image: { height, width, data: grey }, taken: isPlain && window === null ? null : taken };
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly taken: string | null;
}

/** The window in stored values: it is about what slope and intercept make of them. */
function windowed(window: GreyWindow | null, { slope, intercept }: FrameNotes): Span | null {
  if (window === null) return null;
  const { centre, width } = window;
  const stored = (value: number) => (value - intercept) / slope;
  const low = stored(centre - 0.5 - (width - 1) / 2);
  const high = stored(centre - 0.5 + (width - 1) / 2);
  // One grey value wide: black up to there, white above.
  const to =
    high === low ? low + Math.sign(slope) * Number.EPSILON * Math.max(1, Math.abs(low)) : high;
  return { from: low, to, taken: `window ${centre},${width}` };
}

function spanOf({ least, most, type }: GreyRange, asked: ReadingSettings['depth']): Span {
  if (type === 'float' && asked === 'auto' && least >= 0 && most <= 1) {
    return { from: 0, to: 1, taken: '0 to 1' };
  }
  if (type === 'float' && asked === 'auto' && least < 0 && least >= -1 && most <= 1) {
    return { from: -1, to: 1, taken: '-1 to 1' };
  }
  const isSigned = least < 0;
  const needed = isSigned ? 2 * Math.max(most + 1, -least) : most + 1;
  const bits = asked === 'auto' ? (depths.find((each) => 2 ** each >= needed) ?? null) : asked;
  // More than 16 bits: from the least to the largest that there is.
  if (bits === null)
    return { from: least, to: Math.max(most, least + 1), taken: `${least} to ${most}` };
  const from = isSigned ? -(2 ** (bits - 1)) : 0;
  const sign = isSigned ? 'signed ' : '';
  const taken = bits === 8 && !isSigned ? null : `${sign}${bits} bits`;
  return { from, to: from + 2 ** bits - 1, taken };
}
