import { filter, map, type OperatorFunction, pipe } from 'rxjs';
import type { NoticeEvent } from '../../events.js';
import type { FileOutcome } from './file-in-hand.js';
import type { MissingFolders } from './missing-folders.js';
import type { FolderSignal } from './path-changed.js';
import type { Assembled } from './sample-assembly.js';

/** Tells what goes wrong with watching. */
export function troubles(): OperatorFunction<FolderSignal, Assembled> {
  return pipe(
    filter((signal) => signal.type === 'trouble'),
    map(({ code, message }) => notice({ type: 'notice', level: 'warning', code, message })),
  );
}

/** Tells of folders that are out of reach, and when they are back. */
export function reachable(folders: MissingFolders): OperatorFunction<FileOutcome, Assembled> {
  return pipe(
    map((outcome) => folders.accept(outcome)),
    filter((event) => event !== null),
    map(notice),
  );
}

function notice(event: NoticeEvent): Assembled {
  return { events: [event], changes: [] };
}
