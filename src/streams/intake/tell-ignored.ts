import { defer, filter, type Observable } from 'rxjs';
import type { NoticeEvent } from '../../events.js';
import { filesBelow, nothingRecognised } from '../../layout/explain.js';
import type { IntakeParts } from './intake-parts.js';
import type { Assembled } from './sample-assembly.js';

const examples = 3;

/** Once all that was there at the start has been taken in: what of it counts for nothing. */
export function tellIgnored(intake: IntakeParts): Observable<Assembled> {
  return defer(() => noticeOf(intake)).pipe(filter(({ events }) => events.length > 0));
}

async function noticeOf({ raw, layout, store, ignored }: IntakeParts): Promise<Assembled> {
  const hasNothing = store.catalog.files.size === 0;
  const message = hasNothing ? nothingRecognised(layout, await filesBelow(raw)) : null;
  const notice: NoticeEvent | null =
    message === null
      ? ignoredNotice([...ignored.all])
      : { type: 'notice', level: 'error', code: 'NOTHING_RECOGNISED', message };
  return { events: notice === null ? [] : [notice], changes: [] };
}

function ignoredNotice(paths: readonly string[]): NoticeEvent | null {
  if (paths.length === 0) return null;
  const files = paths.length === 1 ? '1 file is ignored' : `${paths.length} files are ignored`;
  const such = paths.slice(0, examples).join(', ');
  const message = `${files}, such as ${such}; nerveflow layout tells what each file is.`;
  return { type: 'notice', level: 'info', code: 'FILES_IGNORED', message };
}
