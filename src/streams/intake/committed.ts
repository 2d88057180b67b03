import { defer, mergeMap, type OperatorFunction } from 'rxjs';
import { storeFailure } from '../../store/store-failure.js';
import type { IntakeParts } from './intake-parts.js';
import { pathChanged } from './path-changed.js';
import type { Assembled, PairedFile } from './sample-assembly.js';

/** Writes what pairing has decided, each file's at once, and tells what then is in the catalog. */
export function committed({
  assembly,
  failures,
  inFlight,
  retry$,
}: Pick<IntakeParts, 'assembly' | 'failures' | 'inFlight' | 'retry$'>): OperatorFunction<
  PairedFile,
  Assembled
> {
  const commit = async ({ outcome: { path, type }, pairing }: PairedFile): Promise<Assembled> => {
    const before = failures.of(path);
    try {
      const assembled = await assembly.commit(pairing);
      if (type === 'ready' || type === 'gone') failures.succeed(path, before);
      if (pairing.staleMask !== null) retry$.next(pathChanged(pairing.staleMask));
      return assembled;
    } catch (error) {
      failures.refuse(path);
      const failure = storeFailure(error as Error);
      return { events: [{ type: 'item.failed', path, stage: 'cache', ...failure }], changes: [] };
    }
  };
  return mergeMap((file) => defer(() => commit(file)).pipe(inFlight.committing()));
}
