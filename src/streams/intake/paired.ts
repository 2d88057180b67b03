import { filter, map, type OperatorFunction, pipe } from 'rxjs';
import type { FileOutcome } from './file-in-hand.js';
import type { Pairing, SampleAssembly } from './sample-assembly.js';

export interface PairedFile {
  readonly outcome: FileOutcome;
  readonly pairing: Pairing;
}

/** What each outcome means for its sample, with its reason; decided at once, in the order of files. */
export function paired(assembly: SampleAssembly): OperatorFunction<FileOutcome, PairedFile> {
  return pipe(
    map((outcome) => ({ outcome, pairing: assembly.pair(outcome) })),
    filter((file): file is PairedFile => file.pairing !== null),
  );
}
