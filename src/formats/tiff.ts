import { fail, ok, type Result } from '../operators/result.js';
import { type DecodeCode, type Frame, type FrameFile, noNotes, type OpenFrames } from './frames.js';
import { readWithGeotiff } from './geotiff-pages.js';
import { imageJStack } from './imagej-stack.js';
import { sharpFrame, tooManyPixels } from './pictures.js';
import { readTiffPages, type TiffPage, tiffTags } from './tiff-pages.js';
import { spacingOfPage } from './tiff-spacing.js';

const whiteIsZero = 0;
const blackIsZero = 1;

/**
 * A TIFF of any sample type, a frame a page, without thumbnails; an ImageJ stack that describes its
 * pages only in words is one too. libvips decodes 8 and 16 bits, palettes and WebP; geotiff what
 * libvips refuses: signed, 32 and 64 bits, floating point, 12 bits, ZSTD and LZMA.
 */
export const openTiff: OpenFrames = async (bytes, maxPixels) => {
  const { pages, littleEndian } = readTiffPages(bytes);
  const [first] = pages;
  // libvips has the word, and says what is wrong.
  if (first === undefined) return await onePage(bytes, maxPixels);
  const notes = {
    ...noNotes,
    spacing: spacingOfPage(first),
    isInverted: first.tags.get(tiffTags.photometric)?.[0] === whiteIsZero,
  };
  const stack = pages.length > 1 ? null : imageJStack(bytes, first, { littleEndian, maxPixels });
  if (stack !== null) return stack.ok ? ok({ ...notes, ...stack.value }) : stack;
  const geotiff = readWithGeotiff(bytes, littleEndian);
  const file: FrameFile = {
    ...notes,
    frames: pages.length,
    isOfSeveralTypes: new Set(pages.map(({ tags }) => tags.get(tiffTags.bits)?.[0])).size > 1,
    frame: (number) => pageOf(pages[number]!, { bytes, maxPixels, geotiff }),
  };
  return ok(file);
};

async function onePage(
  bytes: Uint8Array,
  maxPixels: number,
): Promise<Result<FrameFile, DecodeCode>> {
  const read = await sharpFrame(bytes, { page: 0, maxPixels });
  return read.ok ? ok({ ...noNotes, frames: 1, frame: async () => read }) : read;
}

interface Sources {
  readonly bytes: Uint8Array;
  readonly maxPixels: number;
  readonly geotiff: ReturnType<typeof readWithGeotiff>;
}

async function pageOf(
  page: TiffPage,
  { bytes, maxPixels, geotiff }: Sources,
): Promise<Result<Frame, DecodeCode>> {
  const { tags, index } = page;
  const one = (tag: number, fallback: number) => tags.get(tag)?.[0] ?? fallback;
  const size = { height: one(tiffTags.height, 0), width: one(tiffTags.width, 0) };
  const tooMany = tooManyPixels(size, maxPixels);
  if (tooMany !== null) return tooMany;
  const photometric = one(tiffTags.photometric, blackIsZero);
  if (geotiff.isNeeded(page)) return await geotiff.read(page);
  const read = await sharpFrame(bytes, { page: index, maxPixels });
  // libvips turns such values round; here they are as stored.
  if (read.ok) return ok(photometric === whiteIsZero ? asStored(read.value) : read.value);
  const { compression } = tiffTags;
  return read.failure.code === 'DECODE_FAILED'
    ? fail('DECODE_FAILED', `${read.failure.message} (TIFF compression ${one(compression, 1)})`)
    : read;
}

function asStored(frame: Frame): Frame {
  const most = frame.data instanceof Uint16Array ? 65535 : 255;
  return { ...frame, data: frame.data.map((value) => most - value) as typeof frame.data };
}
