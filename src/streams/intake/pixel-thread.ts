import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { sha256 } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import { resizePlainTiff } from '../../operators/plain-tiff.js';
import type { PixelRecord } from '../../store/records.js';

export type FileBytes = Uint8Array<ArrayBuffer>;

/** What a thread is asked; bytes move there and back, they are never in two places. */
export type PixelTask =
  | { readonly type: 'read'; readonly path: string }
  | {
      readonly type: 'make';
      readonly bytes: FileBytes;
      readonly kind: 'image' | 'mask';
      readonly size: GridSize;
      readonly maxPixels: number;
    };

export type PixelAnswer =
  | { readonly type: 'read'; readonly bytes: FileBytes; readonly sha256: string }
  | { readonly type: 'unreadable'; readonly code: string }
  | { readonly type: 'made'; readonly record: PixelRecord }
  /** Not a file for this thread; whoever asked has to do it. */
  | { readonly type: 'left'; readonly bytes: FileBytes };

function answerOf(task: PixelTask): PixelAnswer {
  switch (task.type) {
    case 'read':
      return read(task.path);
    case 'make': {
      const { bytes, kind, size, maxPixels } = task;
      const record = resizePlainTiff(bytes, kind, size, maxPixels);
      return record === null ? { type: 'left', bytes } : { type: 'made', record };
    }
  }
}

function read(path: string): PixelAnswer {
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

parentPort?.on('message', (task: PixelTask) => {
  const answer = answerOf(task);
  const moved = 'bytes' in answer ? [answer.bytes.buffer] : [];
  parentPort?.postMessage(answer, moved);
});
