import { catchError, defer, mergeMap, type OperatorFunction, of, tap } from 'rxjs';
import { storeFailure } from '../../store/store-failure.js';
import type { FileFailures } from './file-failures.js';
import type { InFlight } from './in-flight.js';
import type { PairedFile } from './paired.js';
import type { Assembled, SampleAssembly } from './sample-assembly.js';

/** Writes what pairing has decided, each file's at once, and tells what then is in the catalog. */
export function committed(
  assembly: SampleAssembly,
  failures: FileFailures,
  inFlight: InFlight,
): OperatorFunction<PairedFile, Assembled> {
  return mergeMap(({ outcome: { path, type }, pairing }) => {
    const before = failures.of(path);
    return defer(() => assembly.commit(pairing)).pipe(
      tap(() => {
        if (type === 'ready' || type === 'gone') failures.succeed(path, before);
      }),
      catchError((error: Error) => {
        failures.refuse(path);
        return of(refusal(path, error));
      }),
      inFlight.committing(),
    );
  });
}

function refusal(path: string, error: Error): Assembled {
  const failure = storeFailure(error);
  return { events: [{ type: 'item.failed', path, stage: 'cache', ...failure }], changes: [] };
}
