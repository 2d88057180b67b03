import type { FrameFile } from '../formats/frames.js';
import { rangeOf } from '../formats/grey-values.js';
import { openFrames } from '../formats/open-frames.js';
import { type ReadingSettings, usualReading } from '../formats/reading-settings.js';
import type { Doubt } from '../labels/doubt.js';
import { readFrame } from './read-frame.js';
import { ok, type Result } from './result.js';
import type { ImageFile, OpenedFile } from './source-image.js';

/**
 * Opens a file of any format on this thread, which it may keep for tens of milliseconds a frame. All
 * frames follow one rule of grey.
 */
export async function openFile(
  { kind, bytes, cut: imageCut = null }: Pick<ImageFile, 'kind' | 'bytes' | 'cut'>,
  maxPixels: number,
  settings: Partial<ReadingSettings>,
): Promise<Result<OpenedFile>> {
  const opened = await openFrames(bytes, maxPixels);
  if (!opened.ok) return opened;
  const file = { ...opened.value, frame: keepingLast(opened.value.frame) };
  const own = await rangeOf(file, kind, { ...usualReading, ...settings });
  if (!own.ok) return own;
  const { frames, spacing, patient } = file;
  const cut = settings.crop === 'region' ? (file.region ?? imageCut) : null;
  const doubts = kind === 'mask' ? await doubtsOfPages(file) : [];
  return ok({
    notes: { frames, spacing, patient, cut, doubts, range: own.value },
    read: (number, range = own.value) => readFrame({ kind, file, number, range, settings, cut }),
    close: () => {},
  });
}

/** Of a frame that is looked at more than once, the second look is free. */
function keepingLast(frame: FrameFile['frame']): FrameFile['frame'] {
  let last: { readonly number: number; readonly read: ReturnType<typeof frame> } | null = null;
  return (number) => {
    if (last?.number !== number) last = { number, read: frame(number) };
    return last.read;
  };
}

/** Of a stack of masks, of which whoever takes the first page alone may get an empty one. */
async function doubtsOfPages({ frames, frame }: FrameFile): Promise<Doubt[]> {
  if (frames === 1) return [];
  for (let number = 0; number < frames; number++) {
    const page = await frame(number);
    if (!page.ok || page.value.data.every((value: number) => value === 0)) continue;
    if (number === 0) return [];
    const message = `of its ${frames} pages the first is empty and others are not; each is a mask of its own`;
    return [{ code: 'MASK_STACK_STARTS_EMPTY', message }];
  }
  return [];
}
