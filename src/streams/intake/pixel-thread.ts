import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { GreyRange } from '../../formats/grey-values.js';
import type { ReadingSettings } from '../../formats/reading-settings.js';
import { sha256 } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import { type FusedResize, resizeCoded } from '../../operators/resize-coded.js';
import { fail, ok, type Result } from '../../operators/result.js';
import type {
  CodedImage,
  FileNotes,
  ImageFile,
  OpenedFile,
  ReadFrame,
} from '../../operators/source-image.js';

export type FileBytes = ImageFile['bytes'];

/** What a thread is asked; bytes move there and back, they are never in two places. */
export type PixelTask =
  | { readonly type: 'read'; readonly path: string }
  | { readonly type: 'resize'; readonly image: CodedImage; readonly size: GridSize }
  | {
      readonly type: 'open';
      readonly image: Pick<ImageFile, 'kind' | 'bytes' | 'cut'>;
      readonly maxPixels: number;
      readonly reading: Partial<ReadingSettings>;
    }
  | {
      readonly type: 'frame';
      readonly file: number;
      readonly number: number;
      readonly range: GreyRange | null | undefined;
    }
  | { readonly type: 'close'; readonly file: number };

export type ReadAnswer =
  | { readonly type: 'read'; readonly bytes: FileBytes; readonly sha256: string }
  | { readonly type: 'unreadable'; readonly code: string };

/** A file that stays open here under a number, until it is closed. */
export interface OpenedAnswer {
  readonly type: 'opened';
  readonly file: Result<{ readonly number: number; readonly notes: FileNotes }>;
}

export interface FrameAnswer {
  readonly type: 'frame';
  readonly frame: Result<ReadFrame>;
}

export type PixelAnswer =
  | ReadAnswer
  | FusedResize
  | OpenedAnswer
  | FrameAnswer
  | { readonly type: 'closed' };

const openFiles = new Map<number, OpenedFile>();
let filesOpened = 0;

async function answerOf(task: PixelTask): Promise<PixelAnswer> {
  switch (task.type) {
    case 'read':
      return readFile(task.path);
    case 'resize':
      return resizeCoded(task.image, task.size);
    case 'open':
      return { type: 'opened', file: await failingSoftly(() => open(task)) };
    case 'frame': {
      return { type: 'frame', frame: await failingSoftly(() => read(task)) };
    }
    case 'close':
      openFiles.delete(task.file);
      return { type: 'closed' };
  }
}

/** Loaded only for the files that need it: it brings libvips along. */
async function open({ image, maxPixels, reading }: PixelTask & { type: 'open' }) {
  const { openFile } = await import('../../operators/open-file.js');
  const opened = await openFile(image, maxPixels, reading);
  if (!opened.ok) return opened;
  const number = filesOpened++;
  openFiles.set(number, opened.value);
  return ok({ number, notes: opened.value.notes });
}

/** Pixels in a buffer of their own: all of it is copied to the other thread. */
async function read({
  file,
  number,
  range,
}: PixelTask & { type: 'frame' }): Promise<Result<ReadFrame>> {
  const frame = await openFiles.get(file)!.read(number, range);
  if (!frame.ok) return frame;
  const { image, remarks } = frame.value;
  return ok({ image: { ...image, data: new Uint8Array(image.data) }, remarks });
}

/** What a decoder throws is the file's fault. */
async function failingSoftly<T>(act: () => Promise<Result<T>>): Promise<Result<T>> {
  return await act().catch((error: Error) => fail('DECODE_FAILED', error.message));
}

function readFile(path: string): ReadAnswer {
  try {
    const bytes = bytesOf(path);
    return { type: 'read', bytes, sha256: sha256(bytes) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { type: 'unreadable', code: code ?? message };
  }
}

/** In a buffer of its own, which can be handed on. */
function bytesOf(path: string): FileBytes {
  // Nobody writes to a pipe that has come to stand there: it must not be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.allocUnsafeSlow(size);
    let length = 0;
    while (length < size) {
      const more = readSync(file, bytes, length, size - length, null);
      if (more === 0) break;
      length += more;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** What an answer takes with it: a file's bytes, a frame's pixels. */
function movedIn(answer: PixelAnswer): ArrayBufferLike[] {
  switch (answer.type) {
    case 'read':
      return [answer.bytes.buffer];
    case 'left':
      return [answer.image.bytes.buffer];
    default:
      return [];
  }
}

/** Answers come in the order of what was asked. */
let last = Promise.resolve();

parentPort?.on('message', (task: PixelTask) => {
  last = last.then(async () => {
    const answer = await answerOf(task);
    parentPort?.postMessage(answer, movedIn(answer) as ArrayBuffer[]);
  });
});
