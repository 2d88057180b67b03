import {
  concat,
  concatMap,
  defer,
  filter,
  from,
  map,
  type Observable,
  type OperatorFunction,
  of,
} from 'rxjs';
import type { ImageFile } from '../../operators/source-image.js';
import { partOf } from '../../store/part-path.js';
import type { FileRecord } from '../../store/records.js';
import { storeFailure } from '../../store/store-failure.js';
import { type PixelStore, readyWithParts } from './cached.js';
import type { FileFailed, FileInHand, FileOutcome, FileReady } from './file-in-hand.js';
import type { Content, FileParts } from './file-parts.js';
import { type PartsContext, partsIn } from './parts-in.js';
import { refused } from './stage.js';

/**
 * Takes each frame of a file, each label of one, through the stages that are left, one after the
 * other: of a long cine loop one frame is in memory at a time. A file that holds a single one goes
 * on as it is. Parts that are no longer in the file are gone; after them comes the file itself,
 * with a record that says that it is in parts.
 */
export function eachPart(
  context: PartsContext & { readonly store: PixelStore },
  stages: OperatorFunction<FileInHand<Content> | FileOutcome, FileOutcome>,
): OperatorFunction<FileInHand<ImageFile> | FileOutcome, FileOutcome> {
  const { files } = context.store.catalog;

  function through(file: FileInHand<ImageFile> | FileOutcome): Observable<FileOutcome> {
    if (file.type === 'in-hand') return partsOf(file);
    return known(file);
  }

  /** What has become of a file has become of its parts. */
  function known(outcome: FileOutcome): Observable<FileOutcome> {
    const { type, path } = outcome;
    if (type === 'ready') return from(readyWithParts(outcome.record, files));
    const isLost = type === 'gone' || (type === 'failed' && outcome.seen !== null);
    return isLost ? from([...goneOf(files.partsOf(path)), outcome]) : of(outcome);
  }

  function partsOf(file: FileInHand<ImageFile>): Observable<FileOutcome> {
    return defer(() => partsIn(file, context)).pipe(
      concatMap((parts) => {
        if (!parts.ok) return known(refused(file, parts.failure));
        const before = new Set(files.partsOf(file.path));
        if (parts.value.are === 'one') {
          return concat(of(parts.value.file).pipe(stages), from(goneOf(before)));
        }
        return inParts(file, parts.value, before);
      }),
    );
  }

  function inParts(
    file: FileInHand<ImageFile>,
    { count, parts, leftOut, isWhole }: Extract<FileParts, { are: 'many' }>,
    before: Set<string>,
  ): Observable<FileOutcome> {
    const failed: FileFailed[] = [];
    const each$ = from(parts).pipe(
      concatMap((part) => of(part).pipe(stages)),
      map((outcome): FileOutcome => {
        if (outcome.type === 'ready') before.delete(outcome.path);
        if (outcome.type !== 'failed') return outcome;
        failed.push(outcome);
        return { type: 'gone', path: outcome.path };
      }),
    );
    const end$ = defer(async (): Promise<FileOutcome | null> => {
      const [first] = failed;
      // It is read again when an image comes that a label of it waits for.
      if (first === undefined && !isWhole) return null;
      if (first === undefined) return await keepInParts(file, leftOut, context.store);
      const part = partOf(first.path).part;
      const message = `${failed.length} of ${count} parts cannot be taken in; part ${part}: ${first.failure.message}`;
      return { ...first, path: file.path, failure: { code: first.failure.code, message } };
    });
    return concat(
      each$,
      defer(() => from(goneOf(before))),
      end$.pipe(filter((outcome) => outcome !== null)),
    );
  }

  return (file$) => file$.pipe(concatMap(through));
}

function goneOf(parts: Iterable<string>): FileOutcome[] {
  return Array.from(parts, (path) => ({ type: 'gone', path }));
}

async function keepInParts(
  { path, stamp, sha256, started }: FileInHand<unknown>,
  leftOut: readonly string[],
  { catalog, preprocessing }: PixelStore,
): Promise<FileOutcome> {
  const content = { kind: 'parts', sha256, height: 0, width: 0, preprocessing } as const;
  const record: FileRecord = { path, ...stamp, ...content };
  try {
    await catalog.commit([{ put: 'file', record }]);
    const message = `${leftOut.length} of its labels left out: ${leftOut.slice(0, 3).join('; ')}`;
    const doubts = leftOut.length === 0 ? [] : [{ code: 'LABEL_LEFT_OUT', message } as const];
    const ms = performance.now() - started;
    return { type: 'ready', path, record, ms, doubts } satisfies FileReady;
  } catch (error) {
    return {
      type: 'failed',
      path,
      stage: 'cache',
      failure: storeFailure(error as Error),
      seen: null,
    };
  }
}
