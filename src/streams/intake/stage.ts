import { Observable, type OperatorFunction } from 'rxjs';
import type { Failure, Result } from '../../operators/result.js';
import type { ImageStep, SourceImage } from '../../operators/source-image.js';
import { storeFailure } from '../../store/store-failure.js';
import type { FileFailed, FileInHand, FileOutcome } from './file-in-hand.js';

/** An incomplete file is waited for this often, each time longer, before it counts as failed. */
const incompleteAttempts = 3;

/** From a file in hand to what a stage makes of it, or to what became of the file. */
export type Stage<A, B> = OperatorFunction<
  FileInHand<A> | FileOutcome,
  FileInHand<B> | FileOutcome
>;

/** A stage that reads or writes the store, which may refuse. A file that is through passes by. */
export function stage<A, B>(
  step: (file: FileInHand<A>) => Promise<FileInHand<B> | FileOutcome>,
): Stage<A, B> {
  const through = async (file: FileInHand<A>) =>
    await step(file).catch((error: Error) => failed(file, 'cache', storeFailure(error)));
  // For one value; `concatMap` would do the same in several times the time, which small files notice.
  return (file$) =>
    new Observable((subscriber) => {
      const pass = (file: FileInHand<B> | FileOutcome) => {
        subscriber.next(file);
        subscriber.complete();
      };
      return file$.subscribe({
        next: (file) => void (file.type === 'in-hand' ? through(file).then(pass) : pass(file)),
        error: (error) => subscriber.error(error),
      });
    });
}

/** A stage of a step that knows nothing of files, only of what one holds. */
export function onContent<A, B>(step: (content: A) => Result<B> | Promise<Result<B>>): Stage<A, B> {
  return stage(async (file) => {
    try {
      const made = await step(file.content);
      return made.ok ? { ...file, content: made.value } : refused(file, made.failure);
    } catch (error) {
      return refused(file, { code: 'DECODE_FAILED', message: (error as Error).message });
    }
  });
}

/** Steps on images between decoding and resizing, one after the other. */
export function onImages(steps: readonly ImageStep[]): Stage<SourceImage, SourceImage> {
  return (file$) => steps.reduce((before$, step) => before$.pipe(onContent(step)), file$);
}

/** What becomes of a file that cannot be read or decoded. */
export function refused(file: FileInHand<unknown>, failure: Failure): FileOutcome {
  const { path, attempt } = file;
  switch (failure.code) {
    case 'BYTES_LOST':
      return { type: 'incomplete', path, attempt };
    // Deleted a moment ago: whether alone or with its folder is found out by settling it again.
    case 'GONE':
    case 'TRUNCATED':
      if (attempt >= incompleteAttempts) break;
      return { type: 'incomplete', path, attempt: attempt + 1 };
  }
  return failed(file, 'decode', failure);
}

function failed(
  { path, stamp }: FileInHand<unknown>,
  at: FileFailed['stage'],
  failure: Failure,
): FileFailed {
  const isFileAtFault = at === 'decode' && failure.code !== 'UNREADABLE';
  return { type: 'failed', path, stage: at, failure, seen: isFileAtFault ? stamp : null };
}
