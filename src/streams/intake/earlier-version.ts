import { EMPTY, type Observable, of } from 'rxjs';
import type { PixelStore } from './cached.js';
import type { Assembled } from './sample-assembly.js';

const versionIn = (preprocessing: string) => /:v(\d+)/.exec(preprocessing)?.[1];

/** Says once that all files are read again, because this version reads some of them otherwise. */
export function earlierVersion({ catalog, preprocessing }: PixelStore): Observable<Assembled> {
  const [first] = catalog.files.values();
  if (first === undefined || versionIn(first.preprocessing) === versionIn(preprocessing))
    return EMPTY;
  const message =
    'The store is of an earlier version, which read some images and masks otherwise: all files are read again.';
  const event = { type: 'notice', level: 'info', code: 'FILES_READ_AGAIN', message } as const;
  return of({ events: [event], changes: [] });
}
