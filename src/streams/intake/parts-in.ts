import type { FrameFile } from '../../formats/frames.js';
import { type GreyRange, rangeOf } from '../../formats/grey-values.js';
import { isOnePicture, openFrames } from '../../formats/open-frames.js';
import { framesTaken, type ReadingSettings, usualReading } from '../../formats/reading-settings.js';
import { tiffSpacing } from '../../formats/tiff-spacing.js';
import type { Doubt } from '../../labels/doubt.js';
import type { Layout } from '../../layout/file-role.js';
import { sha256 } from '../../operators/fingerprint.js';
import { ok, type Result } from '../../operators/result.js';
import type { ImageFile } from '../../operators/source-image.js';
import { partPath } from '../../store/part-path.js';
import { type FileInHand, halfOf } from './file-in-hand.js';
import type { Content, FileParts } from './file-parts.js';
import { type LabelsContext, labelsIn } from './labels-in.js';
import type { SpacingTable } from './spacing-table.js';

export interface PartsContext extends LabelsContext {
  readonly layout: Layout;
  readonly maxPixels: number;
  readonly reading: Partial<ReadingSettings>;
  /** The keyed hash of what a file says of whom it shows. */
  readonly hashPatient: (patient: string) => string;
  readonly spacings: SpacingTable;
}

/**
 * What is in a file that has been read: the picture that most files are, which is not even opened;
 * the frames that the settings take of it; or the labels of many images.
 */
export async function partsIn(
  file: FileInHand<ImageFile>,
  context: PartsContext,
): Promise<Result<FileParts>> {
  if (file.kind === 'labels') return labelsIn(file, context);
  const own = halfOf(file) === 'image' ? await ownNotes(file.path, context) : {};
  if (isOnePicture(file.content.bytes)) {
    const said = halfOf(file) === 'image' ? tiffSpacing(file.content.bytes) : null;
    const notes = { ...(said && { spacing: said }), ...own };
    return ok({ are: 'one', file: { ...file, notes } });
  }

  const opened = await openFrames(file.content.bytes, context.maxPixels);
  if (!opened.ok) return opened;
  const range = await rangeOf(opened.value, halfOf(file));
  if (!range.ok) return range;
  const notes = { ...notesOf(opened.value, context), ...own };
  const frameOf = openedFrame({ ...file, notes }, opened.value, range.value, context);
  const taken = framesTaken(opened.value.frames, context.reading.frames ?? usualReading.frames);
  if (opened.value.frames === 1) return ok({ are: 'one', file: frameOf(1) });
  const doubts = file.kind === 'mask' ? await doubtsOfPages(opened.value) : [];
  const parts = taken.map((number, nth) => {
    const { path, sha256: whole, ...frame } = frameOf(number);
    const part = { path: partPath(path, number), sha256: sha256(`${whole}//${number}`) };
    return { ...frame, ...part, notes: nth === 0 ? { ...frame.notes, doubts } : frame.notes };
  });
  return ok({ are: 'many', count: taken.length, parts, leftOut: [], isWhole: true });
}

/** Of a stack of masks, of which whoever takes the first page alone may get an empty one. */
async function doubtsOfPages({ frames, frame }: FrameFile): Promise<Doubt[]> {
  for (let number = 0; number < frames; number++) {
    const page = await frame(number);
    if (!page.ok || page.value.data.every((value: number) => value === 0)) continue;
    if (number === 0) return [];
    const message = `of its ${frames} pages the first is empty and others are not; each is a mask of its own`;
    return [{ code: 'MASK_STACK_STARTS_EMPTY', message }];
  }
  return [];
}

/** What the settings or the layout's table say counts over what the file says. */
async function ownNotes(path: string, { reading, spacings }: PartsContext) {
  if (reading.spacing) return { spacing: reading.spacing };
  const { spacing, doubts } = await spacings.of(path);
  return { ...(spacing && { spacing }), ...(doubts.length > 0 && { doubts }) };
}

function openedFrame(
  file: FileInHand<ImageFile>,
  frames: FrameFile,
  range: GreyRange,
  { reading: settings }: PartsContext,
): (number: number) => FileInHand<Content> {
  return (number) => ({
    ...file,
    content: {
      is: 'frame',
      kind: halfOf(file),
      file: frames,
      number: number - 1,
      range,
      settings,
    },
  });
}

function notesOf(
  { spacing, patient }: FrameFile,
  { hashPatient }: PartsContext,
): FileInHand<unknown>['notes'] {
  return {
    ...(spacing === null ? {} : { spacing }),
    ...(patient === null ? {} : { patient: hashPatient(patient) }),
  };
}
