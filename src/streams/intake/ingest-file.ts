import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, decodeMask } from '../../operators/decode.js';
import { sha256 } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import type { ImageName } from '../../operators/image-name.js';
import { resizePlainTiff } from '../../operators/plain-tiff.js';
import { resizeImage, resizeMask } from '../../operators/resize.js';
import { type Failure, fail, ok, type Result } from '../../operators/result.js';
import type { Catalog } from '../../store/catalog.js';
import { pixelKey } from '../../store/pixel-keys.js';
import {
  type FileRecord,
  type FileStamp,
  isSameStamp,
  type PixelRecord,
} from '../../store/records.js';
import { storeFailure } from '../../store/store-failure.js';
import type { FileBytes } from './pixel-thread.js';
import { PixelThreads } from './pixel-threads.js';
import type { SettledPath } from './settle.js';

/** What became of one file. */
export type FileOutcome =
  /** Its pixels are in the cache. */
  | {
      readonly type: 'ready';
      readonly path: string;
      readonly record: FileRecord;
      readonly ms: number;
    }
  | { readonly type: 'gone'; readonly path: string }
  | { readonly type: 'unreachable'; readonly path: string; readonly folder: string }
  /** It ends too early: perhaps somebody is still writing it, more slowly than the settle time. */
  | { readonly type: 'incomplete'; readonly path: string; readonly attempt: number }
  | {
      readonly type: 'failed';
      readonly path: string;
      readonly stage: 'settle' | 'decode' | 'cache';
      readonly failure: Failure;
      /** Null when the file itself may be all right: it is looked at again by itself. */
      readonly seen: FileStamp | null;
    };

export interface IngestOptions {
  readonly raw: string;
  readonly catalog: Catalog;
  readonly size: GridSize;
  /** Names the size and the version of the operators; part of every pixel's key. */
  readonly preprocessing: string;
  /** Above this an image is refused undecoded. */
  readonly maxPixels: number;
}

/** Reading a whole file into memory ends here, in bytes. */
const maxFileBytes = 512 * 1024 * 1024;
const largeFileBytes = 8 * 1024 * 1024;
/** An incomplete file is waited for this often, each time longer, before it counts as failed. */
const incompleteAttempts = 3;

/**
 * Brings one settled file's pixels into the cache, doing only what has to be done: nothing for one
 * that has not changed, a hash for one that was touched or renamed, decode and resize for new bytes.
 * Once `signal` aborts a newer look at the path is under way, and this one writes nothing any more.
 */
export async function ingestFile(
  settled: SettledPath,
  name: Exclude<ImageName, { kind: 'foreign' }>,
  options: IngestOptions,
  signal?: AbortSignal,
): Promise<FileOutcome> {
  if (settled.type === 'failed') {
    return { ...settled, stage: 'settle' };
  }
  if (settled.type !== 'present') return settled;
  const started = performance.now();
  const { path, stamp } = settled;
  const { catalog, preprocessing } = options;

  const known = catalog.files.get(path);
  if (known?.preprocessing === preprocessing && isSameStamp(known, stamp)) {
    return { type: 'ready', path, record: known, ms: performance.now() - started };
  }
  inHand++;
  try {
    return await readFileAnew(settled, name, options, signal, started);
  } finally {
    inHand--;
  }
}

async function readFileAnew(
  { path, stamp, attempt }: SettledPath & { type: 'present' },
  name: Exclude<ImageName, { kind: 'foreign' }>,
  options: IngestOptions,
  signal: AbortSignal | undefined,
  started: number,
): Promise<FileOutcome> {
  const { catalog, preprocessing } = options;

  const failed = (stage: 'decode' | 'cache', failure: Failure): FileOutcome => {
    const isFileAtFault = stage === 'decode' && failure.code !== 'UNREADABLE';
    return { type: 'failed', path, stage, failure, seen: isFileAtFault ? stamp : null };
  };
  const lookAgain: FileOutcome & { type: 'incomplete' } = {
    type: 'incomplete',
    path,
    attempt: attempt + 1,
  };
  // Read once, hash and decode those very bytes: the path may hold others a moment later.
  const read = await readWhole(join(options.raw, path), stamp.size);
  if (!read.ok) {
    // Deleted a moment ago: whether alone or with its folder is found out by settling it again.
    const isGone = read.failure.code === 'GONE' && attempt < incompleteAttempts;
    return isGone ? lookAgain : failed('decode', read.failure);
  }
  const { sha } = read.value;
  const kind = name.kind === 'train-mask' ? 'mask' : 'image';
  const key = pixelKey(sha, kind, preprocessing);

  try {
    let pixels = (await catalog.cache.readPixels([key]))[0];
    const isCached = pixels !== undefined;
    if (pixels === undefined) {
      const made = await makePixels(read.value, kind, options);
      // The thread that had the bytes is no more.
      if (made === null) return { ...lookAgain, attempt };
      if (!made.ok) {
        return made.failure.code === 'TRUNCATED' && attempt < incompleteAttempts
          ? lookAgain
          : failed('decode', made.failure);
      }
      pixels = made.value;
    }
    const record: FileRecord = {
      path,
      ...stamp,
      sha256: sha,
      height: pixels.originalHeight,
      width: pixels.originalWidth,
      preprocessing,
    };
    if (signal?.aborted) return lookAgain;
    const remember = { put: 'file', record } as const;
    await catalog.commit(
      isCached ? [remember] : [{ put: 'pixels', key, record: pixels }, remember],
    );
    return { type: 'ready', path, record, ms: performance.now() - started };
  } catch (error) {
    return failed('cache', storeFailure(error as Error));
  }
}

const threads = new PixelThreads();
/** Files being read or decoded. */
let inHand = 0;

/** Null where the bytes were lost. */
async function makePixels(
  { bytes, isOfThread }: FileContent,
  kind: 'image' | 'mask',
  options: IngestOptions,
): Promise<Result<PixelRecord> | null> {
  if (!isOfThread) return await makePixelsHere(bytes, kind, options);
  const { size, maxPixels } = options;
  const made = await threads.make({ bytes, kind, size, maxPixels });
  if (made?.type === 'made') return ok(made.record);
  return made && (await makePixelsHere(made.bytes, kind, options));
}

async function makePixelsHere(
  bytes: Uint8Array,
  kind: 'image' | 'mask',
  { size, maxPixels }: IngestOptions,
): Promise<Result<PixelRecord>> {
  const plain = resizePlainTiff(bytes, kind, size, maxPixels);
  if (plain !== null) return ok(plain);
  const decoded = await (kind === 'image' ? decodeImage : decodeMask)(bytes, { maxPixels });
  if (!decoded.ok) return decoded;
  const { height, width } = decoded.value;
  const resized = await (kind === 'image' ? resizeImage : resizeMask)(decoded.value, size);
  return ok({ originalHeight: height, originalWidth: width, pixels: resized.data });
}

interface FileContent {
  readonly bytes: FileBytes;
  readonly sha: string;
  /** Whether a thread has read it: it may then be handed on to one. */
  readonly isOfThread: boolean;
}

async function readWhole(path: string, size: number): Promise<Result<FileContent>> {
  if (size > maxFileBytes) {
    return fail('FILE_TOO_LARGE', `has ${size} bytes; at most ${maxFileBytes} are read`);
  }
  // A single file is done before a thread would have started, and a large one would hold others up.
  const read = inHand > 1 && size < largeFileBytes ? await threads.read(path) : null;
  if (read === null) return await readWholeHere(path);
  if (read.type === 'unreadable') return unreadable(read.code);
  return ok({ bytes: read.bytes, sha: read.sha256, isOfThread: true });
}

async function readWholeHere(path: string): Promise<Result<FileContent>> {
  try {
    const bytes = await readFile(path);
    return ok({ bytes, sha: await hashOf(bytes), isOfThread: false });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return unreadable(code ?? message);
  }
}

function unreadable(code: string) {
  return fail(code === 'ENOENT' ? 'GONE' : 'UNREADABLE', `cannot be read: ${code}`);
}

/** Large files are hashed on another thread, so that nothing else has to wait. */
async function hashOf(bytes: FileBytes): Promise<string> {
  if (bytes.length < largeFileBytes) return sha256(bytes);
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
