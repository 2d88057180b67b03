import { fail, ok, type Result } from '../operators/result.js';
import type { DecodeCode, Frame, FrameFile } from './frames.js';
import { tooManyPixels } from './pictures.js';
import { sampleArray } from './sample-array.js';
import { type TiffPage, tiffTags } from './tiff-pages.js';

/**
 * A stack that ImageJ wrote as one page, the other pages right behind it, told of only in the
 * description ("images=30"). Null for any other page.
 */
export function imageJStack(
  bytes: Uint8Array,
  { tags, description }: TiffPage,
  { littleEndian, maxPixels }: { readonly littleEndian: boolean; readonly maxPixels: number },
): Result<Pick<FrameFile, 'frames' | 'frame'>, DecodeCode> | null {
  const one = (tag: number, fallback: number) => tags.get(tag)?.[0] ?? fallback;
  const frames = Number(/^images=(\d+)\s*$/m.exec(description)?.[1] ?? 1);
  const isStack = description.startsWith('ImageJ=') && frames > 1;
  if (!isStack || one(tiffTags.compression, 1) !== 1) return null;
  const [height, width] = [one(tiffTags.height, 0), one(tiffTags.width, 0)];
  const stride = one(tiffTags.samples, 1);
  const type = {
    valueBytes: one(tiffTags.bits, 8) / 8,
    format: one(tiffTags.sampleFormat, 1),
    littleEndian,
  };
  const tooMany = tooManyPixels({ height, width }, maxPixels);
  if (tooMany !== null) return tooMany;
  const frameBytes = height * width * stride * type.valueBytes;
  const start = one(tiffTags.stripOffsets, 0);
  if (start + frames * frameBytes > bytes.length) {
    return fail('TRUNCATED', `${frames} images are announced, but the file ends before the last`);
  }
  return ok({
    frames,
    async frame(number): Promise<Result<Frame, DecodeCode>> {
      const data = sampleArray(bytes, { start: start + number * frameBytes, frameBytes, ...type });
      if (!data.ok) return data;
      const colours = stride >= 3 ? 3 : 1;
      return ok({ height, width, data: data.value, stride, colours, hasAlpha: false });
    },
  });
}
