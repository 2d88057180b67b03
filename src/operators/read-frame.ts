import type { Cut, FrameFile } from '../formats/frames.js';
import { type GreyRange, greyOf } from '../formats/grey-values.js';
import { type ReadingSettings, usualReading } from '../formats/reading-settings.js';
import { maskOfFrame } from '../labels/mask-of-frame.js';
import { cropped } from './crop.js';
import { fail, ok, type Result } from './result.js';
import type { ReadFrame } from './source-image.js';

/** A frame of a file, as an image or as a mask. */
interface FrameToRead {
  readonly kind: 'image' | 'mask';
  readonly file: FrameFile;
  /** From 0. */
  readonly number: number;
  /** Of all frames of the file, or of the subject: one rule for all of them. */
  readonly range: GreyRange | null;
  readonly settings: Partial<ReadingSettings>;
  readonly cut: Cut | null;
}

/** Decodes it: 8-bit grey, or a mask of 0 and 1; cut to the region of tissue where that is asked for. */
export async function readFrame(asked: FrameToRead): Promise<Result<ReadFrame>> {
  const { kind, file, number, range, cut } = asked;
  const settings = { ...usualReading, ...asked.settings };
  const frame = await file.frame(number);
  if (!frame.ok) return frame;
  if (kind === 'image') {
    const { image, taken } = greyOf(frame.value, file, settings, range);
    return ok({ image: cropped(image, cut), remarks: taken === null ? {} : { grey: taken } });
  }
  const { label, maskPolarity: polarity, maskKind } = settings;
  if (label !== null && Number.isNaN(Number(label))) {
    return fail('LABEL_IS_A_NAME', `--label ${label} is a name, and a picture has numbers only`);
  }
  const context = { isLossy: file.isLossy ?? false, isInverted: file.isInverted };
  const read = maskOfFrame(frame.value, context, {
    label: label === null ? null : Number(label),
    polarity,
    kind: maskKind,
  });
  if (!read.ok) return read;
  const { mask, notes } = read.value;
  return ok({ image: cropped(mask, cut), remarks: notes.length === 0 ? {} : { doubts: notes } });
}
