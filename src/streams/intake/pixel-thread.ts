import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { sha256 } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import { type FusedResize, resizeCoded } from '../../operators/resize-coded.js';
import type { CodedImage, ImageFile } from '../../operators/source-image.js';

export type FileBytes = ImageFile['bytes'];

/** What a thread is asked; bytes move there and back, they are never in two places. */
export type PixelTask =
  | { readonly type: 'read'; readonly path: string }
  | { readonly type: 'resize'; readonly image: CodedImage; readonly size: GridSize };

export type ReadAnswer =
  | { readonly type: 'read'; readonly bytes: FileBytes; readonly sha256: string }
  | { readonly type: 'unreadable'; readonly code: string };

export type PixelAnswer = ReadAnswer | FusedResize;

function answerOf(task: PixelTask): PixelAnswer {
  switch (task.type) {
    case 'read':
      return read(task.path);
    case 'resize':
      return resizeCoded(task.image, task.size);
  }
}

function read(path: string): ReadAnswer {
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

/** What an answer takes with it: a file's bytes. */
function movedIn(answer: PixelAnswer): ArrayBuffer[] {
  switch (answer.type) {
    case 'read':
      return [answer.bytes.buffer];
    case 'left':
      return [answer.image.bytes.buffer];
    case 'resized':
    case 'unreadable':
    case 'lost':
      return [];
  }
}

parentPort?.on('message', (task: PixelTask) => {
  const answer = answerOf(task);
  parentPort?.postMessage(answer, movedIn(answer));
});
