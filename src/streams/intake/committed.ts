import { defer, mergeMap, type OperatorFunction } from 'rxjs';
import { storeFailure } from '../../store/store-failure.js';
import type { FileFailures } from './file-failures.js';
import type { InFlight } from './in-flight.js';
import type { Assembled, PairedFile, SampleAssembly } from './sample-assembly.js';

/** Writes what pairing has decided, each file's at once, and tells what then is in the catalog. */
export function committed(
  assembly: SampleAssembly,
  failures: FileFailures,
  inFlight: InFlight,
): OperatorFunction<PairedFile, Assembled> {
  const commit = async ({ outcome: { path, type }, pairing }: PairedFile): Promise<Assembled> => {
    const before = failures.of(path);
    try {
      const assembled = await assembly.commit(pairing);
      if (type === 'ready' || type === 'gone') failures.succeed(path, before);
      return assembled;
    } catch (error) {
      failures.refuse(path);
      const failure = storeFailure(error as Error);
      return { events: [{ type: 'item.failed', path, stage: 'cache', ...failure }], changes: [] };
    }
  };
  return mergeMap((file) => defer(() => commit(file)).pipe(inFlight.committing()));
}
