import { ignoreElements, tap } from 'rxjs';
import { commandsTo, type Effect } from './effect.js';

/** Formats for other programs follow once all is done; nothing waits for them but the end. */
export const keepExports: Effect = ({ commands$, exports }) =>
  commandsTo(commands$, 'tell-caught-up').pipe(
    tap(() => exports.bringUpToDate()),
    ignoreElements(),
  );
