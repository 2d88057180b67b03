import { filter, type OperatorFunction, pipe, type Subject, tap } from 'rxjs';
import { partOf } from '../../store/part-path.js';
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
  return pipe(
    filter(({ type, path }) => type !== 'restless' || !failures.has(path)),
    tap((outcome) => {
      failures.accept(outcome);
      if (outcome.type === 'incomplete')
        retry$.next(pathChanged(partOf(outcome.path).file, outcome.attempt));
    }),
  );
}
