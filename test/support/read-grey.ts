import { type Grey, greyOf, rangeOf } from '../../src/formats/grey-values.js';
import { openFrames } from '../../src/formats/open-frames.js';
import { type ReadingSettings, usualReading } from '../../src/formats/reading-settings.js';

/** All frames of a file as grey, by one rule; or the code of what is wrong with it. */
export async function readGrey(
  bytes: Uint8Array,
  settings: Partial<ReadingSettings> = {},
  maxPixels = 1_000_000,
): Promise<Grey[] | string> {
  const file = await openFrames(bytes, maxPixels);
  if (!file.ok) return file.failure.code;
  const range = await rangeOf(file.value);
  if (!range.ok) return range.failure.code;
  const frames: Grey[] = [];
  for (let number = 0; number < file.value.frames; number++) {
    const frame = await file.value.frame(number);
    if (!frame.ok) return frame.failure.code;
    frames.push(greyOf(frame.value, file.value, { ...usualReading, ...settings }, range.value));
  }
  return frames;
}

/** A number that tells pictures apart: their mean, to two digits, and how many levels they have. */
export function summaryOf({ image, taken }: Grey): {
  mean: number;
  levels: number;
  taken: string | null;
} {
  const sum = image.data.reduce((total, value) => total + value, 0);
  const mean = Math.round((sum / image.data.length) * 100) / 100;
  return { mean, levels: new Set(image.data).size, taken };
}
