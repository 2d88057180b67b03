import { defer, type Observable } from 'rxjs';
import { committed } from './committed.js';
import type { IntakeParts } from './intake-parts.js';
import type { Assembled } from './sample-assembly.js';

/** Images for which no mask came with all the rest: they are to be predicted, told of and written. */
export function unmatched(intake: IntakeParts): Observable<Assembled> {
  return defer(() => intake.assembly.takeUnmatched()).pipe(committed(intake));
}
