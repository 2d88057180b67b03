import type { Doubt } from '../../labels/doubt.js';
import type { Failure } from '../../operators/result.js';
import type { ImageFile } from '../../operators/source-image.js';
import type { FileRecord, FileStamp } from '../../store/records.js';
import type { Restless } from './settled.js';

/** What became of one file. */
export type FileOutcome =
  | FileReady
  | { readonly type: 'gone'; readonly path: string }
  | { readonly type: 'unreachable'; readonly path: string; readonly folder: string }
  /** It ends too early: perhaps somebody is still writing it, more slowly than the settle time. */
  | FileIncomplete
  | Restless
  | FileFailed;

/** Its pixels are in the cache. */
export interface FileReady {
  readonly type: 'ready';
  readonly path: string;
  readonly record: FileRecord;
  readonly ms: number;
  /** What may be wrong with a mask that was read just now. */
  readonly doubts?: readonly Doubt[];
}

export interface FileIncomplete {
  readonly type: 'incomplete';
  readonly path: string;
  readonly attempt: number;
}

export interface FileFailed {
  readonly type: 'failed';
  readonly path: string;
  readonly stage: 'settle' | 'decode' | 'cache';
  readonly failure: Failure;
  /** Null when the file itself may be all right: it is looked at again by itself. */
  readonly seen: FileStamp | null;
}

/** A mask in whatever form it comes. */
export function halfOf({ kind }: Pick<FileInHand<unknown>, 'kind'>): ImageFile['kind'] {
  return kind === 'labels' ? 'mask' : kind;
}

/** A file on its way through the stages, with what the last of them has made of it. */
export interface FileInHand<T> {
  readonly type: 'in-hand';
  readonly path: string;
  readonly kind: ImageFile['kind'] | 'labels';
  /** What the file says beside its pixels. */
  readonly notes: Pick<FileRecord, 'spacing' | 'patient' | 'range' | 'grey' | 'cut'> & {
    readonly doubts?: readonly Doubt[];
  };
  readonly stamp: FileStamp;
  readonly attempt: number;
  /** When the first stage took it, as `performance.now()` tells. */
  readonly started: number;
  /** Of its bytes; empty until they have been read. */
  readonly sha256: string;
  readonly content: T;
}
