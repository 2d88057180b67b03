import { EMPTY, map, merge, mergeMap, type Observable, timer } from 'rxjs';
import type { FlowEvent } from '../coordinator/state.js';
import { commandsTo, type Effect } from './effect.js';

/** Waits before another attempt, and starts a compute process again that was given up. */
export const retry: Effect = ({ commands$, compute }): Observable<FlowEvent> =>
  merge(
    commandsTo(commands$, 'wait').pipe(
      mergeMap((wait) =>
        timer(wait.ms).pipe(map(() => ({ type: 'wait-over', for: wait.for }) as const)),
      ),
    ),
    commandsTo(commands$, 'start-compute').pipe(
      mergeMap(() => {
        // Its health tells how that ends.
        compute.start().catch(() => {});
        return EMPTY;
      }),
    ),
  );
