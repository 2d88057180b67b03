import { concatMap, EMPTY, type Observable, type OperatorFunction, of, type Subject } from 'rxjs';
import type { FileFailures } from './file-failures.js';
import type { FileOutcome } from './file-in-hand.js';
import { type FolderSignal, pathChanged } from './path-changed.js';

/**
 * Keeps what the next comparison depends on. An incomplete file goes back to where paths come from,
 * one that keeps changing and has failed before has nothing to say.
 */
export function remembered(
  failures: FileFailures,
  retry$: Subject<FolderSignal>,
): OperatorFunction<FileOutcome, FileOutcome> {
  return concatMap((outcome): Observable<FileOutcome> => {
    const { type, path } = outcome;
    if (type === 'restless' && failures.has(path)) return EMPTY;
    failures.accept(outcome);
    if (type === 'incomplete') retry$.next(pathChanged(path, outcome.attempt));
    return of(outcome);
  });
}
