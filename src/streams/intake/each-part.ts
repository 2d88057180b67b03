import {
  concat,
  concatMap,
  defer,
  finalize,
  from,
  map,
  type Observable,
  type OperatorFunction,
  of,
} from 'rxjs';
import { mayBeNoImage } from '../../layout/extensions.js';
import type { Failure } from '../../operators/result.js';
import type { ImageFile } from '../../operators/source-image.js';
import { partOf } from '../../store/part-path.js';
import type { FileRecord } from '../../store/records.js';
import { type PixelStore, readyWithParts, settingsOf } from './cached.js';
import type { FileFailed, FileInHand, FileOutcome } from './file-in-hand.js';
import type { Content, FileParts } from './file-parts.js';
import type { IgnoredFiles } from './ignored-files.js';
import { type PartsContext, partsIn } from './parts-in.js';
import { refused, type Stage, stage } from './stage.js';

/**
 * Takes each frame of a file, each label of one, through the stages that are left, one after the
 * other: of a long cine loop one frame is in memory at a time. A file that holds a single one goes
 * on as it is. Parts that are no longer in the file are gone; after them comes the file itself,
 * with a record that says that it is in parts.
 */
export function eachPart(
  context: PartsContext & { readonly store: PixelStore; readonly ignored: IgnoredFiles },
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

  function notTaken(file: FileInHand<ImageFile>, failure: Failure): FileOutcome {
    const isForeign = failure.code === 'NOT_AN_IMAGE' && mayBeNoImage(file.path);
    if (!isForeign) return refused(file, failure);
    context.ignored.add(file.path);
    return { type: 'gone', path: file.path };
  }

  function partsOf(file: FileInHand<ImageFile>): Observable<FileOutcome> {
    return defer(() => partsIn(file, context)).pipe(
      concatMap((parts) => {
        if (!parts.ok) return known(notTaken(file, parts.failure));
        const before = new Set(files.partsOf(file.path));
        const { close = () => {} } = parts.value;
        const outcome$ =
          parts.value.are === 'one'
            ? concat(of(parts.value.file).pipe(stages), from(goneOf(before)))
            : inParts(file, parts.value, before);
        return outcome$.pipe(finalize(close));
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
    const end$ = defer((): Observable<FileOutcome> => {
      const [first] = failed;
      if (first !== undefined) return of(failedInParts(file.path, failed, count));
      if (isWhole) {
        return of(file).pipe(keptInParts(leftOut, context.store)) as Observable<FileOutcome>;
      }
      // Without a record it is read again when an image comes that a label of it waits for.
      return of({ type: 'gone', path: file.path });
    });
    return concat(
      each$,
      defer(() => from(goneOf(before))),
      end$,
    );
  }

  return (file$) => file$.pipe(concatMap(through));
}

function goneOf(parts: Iterable<string>): FileOutcome[] {
  return Array.from(parts, (path) => ({ type: 'gone', path }));
}

function failedInParts(path: string, failed: readonly FileFailed[], count: number): FileFailed {
  const first = failed[0]!;
  const { code, message } = first.failure;
  const says = `${failed.length} of ${count} parts cannot be taken in; part ${partOf(first.path).part}: ${message}`;
  return { ...first, path, failure: { code, message: says } };
}

/** Writes that a file is in parts, and what of its labels was left out. */
function keptInParts(leftOut: readonly string[], store: PixelStore): Stage<ImageFile, never> {
  const message = `${leftOut.length} of its labels left out: ${leftOut.slice(0, 3).join('; ')}`;
  const doubts = leftOut.length === 0 ? [] : [{ code: 'LABEL_LEFT_OUT', message } as const];
  return stage(async ({ path, stamp, sha256, started }) => {
    const preprocessing = settingsOf(path, store);
    const content = { kind: 'parts', sha256, height: 0, width: 0, preprocessing } as const;
    const record: FileRecord = { path, ...stamp, ...content };
    await store.catalog.commit([{ put: 'file', record }]);
    return { type: 'ready', path, record, ms: performance.now() - started, doubts };
  });
}
