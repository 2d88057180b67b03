import { filter, ignoreElements, map, merge, mergeMap, tap, timer } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import type { FlowEvent } from '../coordinator/state.js';
import { commandsTo, type Effect } from './effect.js';

/** Waits before another attempt, starts a given up compute process again, and tells what works again. */
export const retry: Effect = ({ commands$, events$, compute }) =>
  merge(
    commandsTo(commands$, 'wait').pipe(
      mergeMap((wait) =>
        timer(wait.ms).pipe(map(() => ({ type: 'wait-over', for: wait.for }) as const)),
      ),
    ),
    commandsTo(commands$, 'start-compute').pipe(
      // Its health tells how that ends.
      tap(() => compute.start().catch(() => {})),
      ignoreElements(),
    ),
    compute.health$.pipe(map((health) => ({ type: 'compute', health }) as const)),
    events$.pipe(
      map(progressOf),
      filter((progress) => progress !== null),
    ),
  );

function progressOf({ type }: PipelineEvent): FlowEvent | null {
  if (type === 'train.epoch') return { type: 'progress', of: 'training' };
  return type === 'item.predicted' ? { type: 'progress', of: 'prediction' } : null;
}
