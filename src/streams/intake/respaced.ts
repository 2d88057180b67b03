import { concatMap, defer, filter, from, type Observable, type OperatorFunction, of } from 'rxjs';
import type { NoticeEvent } from '../../events.js';
import { sampleKey } from '../../store/records.js';
import { committed } from './committed.js';
import type { IntakeParts } from './intake-parts.js';
import type { Assembled } from './sample-assembly.js';

const examples = 3;

/** The layout's table of pixel sizes has changed: its images get what it says now, and are not read again. */
export function respaced(intake: IntakeParts): OperatorFunction<unknown, Assembled> {
  const { spacings, assembly, inFlight } = intake;
  return concatMap(() =>
    spacings.loaded().pipe(
      concatMap(() => from(assembly.pairAllAgain())),
      committed(intake),
      inFlight.committing(),
    ),
  );
}

/** Where a table should tell all pixel sizes: of which images it does not, when that is news. */
export function tellUnsized(intake: IntakeParts): Observable<Assembled> {
  return defer(() => of(noticeOf(intake))).pipe(
    filter((notice) => notice !== null),
    concatMap((notice) => of({ events: [notice], changes: [] })),
  );
}

function noticeOf({ layout, spacings, store }: IntakeParts): NoticeEvent | null {
  if (layout.spacing === undefined) return null;
  const unsized: string[] = [];
  for (const sample of store.catalog.samples.values()) {
    if (sample.spacing === undefined) unsized.push(sampleKey(sample));
  }
  const { csv } = layout.spacing;
  const such = unsized.slice(0, examples).join(', ');
  const told = spacings.failure ?? 'says nothing of them';
  const message = `${csv} ${told}: no pixel size is known of ${unsized.length} image${unsized.length === 1 ? '' : 's'}, such as ${such}`;
  if (!spacings.isNews(unsized.length === 0 ? '' : message) || unsized.length === 0) return null;
  return { type: 'notice', level: 'warning', code: 'SPACING_UNKNOWN', message };
}
