import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../operators/result.js';
import type { ImageFile } from '../../operators/source-image.js';
import { hashOfBytes } from '../hash-of-bytes.js';
import { halfOf } from './file-in-hand.js';
import type { PixelParts } from './intake-parts.js';
import type { PixelThreads } from './pixel-threads.js';
import { refused, type Stage, stage } from './stage.js';

/** Reading a whole file into memory ends here, in bytes. */
const maxFileBytes = 512 * 1024 * 1024;
const largeFileBytes = 8 * 1024 * 1024;

type FileContent = Pick<ImageFile, 'bytes' | 'isMovable'> & { readonly sha256: string };

/**
 * Reads a file whole and hashes it: what is decoded is what was hashed, whatever the path holds a
 * moment later. On a thread when it is large or others are in hand: a small one alone is done before
 * a thread would have started.
 */
export function read({
  raw,
  threads,
  inFlight,
}: Pick<PixelParts, 'raw' | 'threads' | 'inFlight'>): Stage<null, ImageFile> {
  return stage(async (file) => {
    const { size } = file.stamp;
    const path = join(raw, file.path);
    const isQuick = inFlight.load.running === 0 && size < largeFileBytes;
    const content = await readWhole(path, size, isQuick ? null : threads);
    if (!content.ok) return refused(file, content.failure);
    const { sha256, ...read } = content.value;
    return { ...file, sha256, content: { ...read, kind: halfOf(file) } };
  });
}

async function readWhole(
  path: string,
  size: number,
  threads: PixelThreads | null,
): Promise<Result<FileContent>> {
  if (size > maxFileBytes) {
    return fail('FILE_TOO_LARGE', `has ${size} bytes; at most ${maxFileBytes} are read`);
  }
  const read = await threads?.read(path);
  if (!read) return await readHere(path);
  if (read.type === 'unreadable') return unreadable(read.code);
  return ok({ bytes: read.bytes, sha256: read.sha256, isMovable: true });
}

async function readHere(path: string): Promise<Result<FileContent>> {
  try {
    const bytes = await readFile(path);
    return ok({ bytes, sha256: await hashOfBytes(bytes), isMovable: false });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return unreadable(code ?? message);
  }
}

function unreadable(code: string) {
  return fail(code === 'ENOENT' ? 'GONE' : 'UNREADABLE', `cannot be read: ${code}`);
}
