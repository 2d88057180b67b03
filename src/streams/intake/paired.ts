import { concatMap, type OperatorFunction } from 'rxjs';
import type { FileOutcome } from './file-in-hand.js';
import type { PairedFile, SampleAssembly } from './sample-assembly.js';

/** What each outcome means for its sample, with its reason; decided at once, in the order of files. */
export function paired(assembly: SampleAssembly): OperatorFunction<FileOutcome, PairedFile> {
  return concatMap((outcome) => assembly.pair(outcome).map((pairing) => ({ outcome, pairing })));
}
