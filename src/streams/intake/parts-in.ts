import type { Cut } from '../../formats/frames.js';
import { type GreyRange, wordsOf } from '../../formats/grey-values.js';
import { isOnePicture } from '../../formats/open-frames.js';
import { framesTaken, type ReadingSettings, usualReading } from '../../formats/reading-settings.js';
import { tiffSpacing } from '../../formats/tiff-spacing.js';
import type { Layout } from '../../layout/file-role.js';
import { sha256 } from '../../operators/fingerprint.js';
import { imageFormat } from '../../operators/image-format.js';

import { ok, type Result } from '../../operators/result.js';
import type { ImageFile, OpenedFile } from '../../operators/source-image.js';
import { partPath } from '../../store/part-path.js';
import { hashInRange, hashOfPart } from './content-hash.js';
import { type FileInHand, halfOf } from './file-in-hand.js';
import type { Content, FileParts } from './file-parts.js';
import { itemAt } from './item.js';
import { cutText, type LabelsContext, labelsIn } from './labels-in.js';
import type { PixelThreads } from './pixel-threads.js';
import type { SubjectGreys } from './subject-greys.js';

export interface PartsContext extends LabelsContext {
  readonly layout: Layout;
  readonly maxPixels: number;
  readonly reading: Partial<ReadingSettings>;
  /** The keyed hash of what a file says of whom it shows. */
  readonly hashPatient: (patient: string) => string;
  readonly greys: Pick<SubjectGreys, 'rangeFor'>;
  readonly threads: Pick<PixelThreads, 'open'>;
}

/** Pictures from this many bytes on would keep the main thread for too long. */
const slowPicture = 512 * 1024;

/**
 * What is in a file that has been read: the picture that most files are, which is not even opened;
 * the frames that the settings take of it; or the labels of many images.
 */
export async function partsIn(
  file: FileInHand<ImageFile>,
  context: PartsContext,
): Promise<Result<FileParts>> {
  if (file.kind === 'labels') return labelsIn(file, context);
  const { maxPixels, reading, threads } = context;
  const cut = cutOfImage(file, context);
  if (cut === null && isOnePicture(file.content.bytes) && !isSlow(file, reading)) {
    const said = halfOf(file) === 'image' ? tiffSpacing(file.content.bytes) : null;
    return ok({ are: 'one', file: said === null ? file : { ...file, notes: { spacing: said } } });
  }

  const opened = await threads.open({ ...file.content, cut }, maxPixels, reading);
  if (!opened.ok) return opened;
  const { frames, doubts, range } = opened.value.notes;
  const notes = notesOf(opened.value, context);
  const whole = cut === null ? file : { ...file, sha256: sha256(`${file.sha256}${cutText(cut)}`) };
  const frameOf = openedFrame(inRange({ ...whole, notes }, range, context), opened.value);
  const { close } = opened.value;
  if (frames === 1) return ok({ are: 'one', file: frameOf(1), close });
  const taken = framesTaken(frames, reading.frames ?? usualReading.frames);
  const parts = taken.map((number, nth) => {
    const { path, sha256: whole, ...frame } = frameOf(number);
    const part = { path: partPath(path, number), sha256: hashOfPart(whole, number) };
    return { ...frame, ...part, notes: nth === 0 ? { ...frame.notes, doubts } : frame.notes };
  });
  return ok({ are: 'many', count: taken.length, parts, leftOut: [], isWhole: true, close });
}

/** What the image of a mask was cut to, or the first frame of it. */
function cutOfImage(
  file: FileInHand<ImageFile>,
  { layout, reading, sizeOf }: PartsContext,
): Cut | null {
  if (reading.crop !== 'region' || halfOf(file) === 'image') return null;
  const id = itemAt(layout, file.path)?.id ?? '';
  return (sizeOf(id) ?? sizeOf(`${id}#1`))?.cut ?? null;
}

/** A plain TIFF is resized in one go, however large; an outline is filled pixel by pixel. */
function isSlow(file: FileInHand<ImageFile>, { maskKind }: Partial<ReadingSettings>): boolean {
  const { bytes } = file.content;
  if (halfOf(file) === 'mask' && maskKind === 'outline') return true;
  return bytes.length >= slowPicture && imageFormat(bytes) !== 'tiff';
}

/** By the range of its subject: where that is another than its own, its pixels are others too. */
function inRange(
  file: FileInHand<ImageFile>,
  own: GreyRange | null,
  { greys, reading }: PartsContext,
): FileInHand<ImageFile> {
  if (own === null) return file;
  const { path, notes, sha256: whole } = file;
  const taken = greys.rangeFor({ path, ...notes }, own);
  const grey = wordsOf(taken, reading.depth ?? usualReading.depth);
  const all = { ...notes, ...(grey !== null && { grey }), range: { own, taken } };
  return { ...file, notes: all, sha256: hashInRange(whole, { own, taken }) };
}

function openedFrame(
  file: FileInHand<ImageFile>,
  opened: OpenedFile,
): (number: number) => FileInHand<Content> {
  const kind = halfOf(file);
  const range = file.notes.range?.taken ?? null;
  return (number) => ({
    ...file,
    content: { is: 'frame', kind, file: opened, number: number - 1, range },
  });
}

function notesOf(
  { notes: { spacing, patient, cut } }: OpenedFile,
  { hashPatient }: PartsContext,
): FileInHand<unknown>['notes'] {
  return {
    ...(spacing === null ? {} : { spacing }),
    ...(cut === null ? {} : { cut }),
    ...(patient === null ? {} : { patient: hashPatient(patient) }),
  };
}
