import { ignoreElements, merge, tap } from 'rxjs';
import { commandsTo, type Effect } from './effect.js';

/** What the coordinator has to say; that all is done only where something was. */
export const tellEvents: Effect = ({ commands$, state$, predictor, tally, emit }) =>
  merge(
    commandsTo(commands$, 'tell').pipe(tap(({ event }) => emit(event))),
    commandsTo(commands$, 'tell-caught-up').pipe(
      tap(() => {
        const isWatching = state$.value.mode === 'watch';
        if (tally.takeNews()) emit(tally.caughtUp(predictor.pendingCount, isWatching));
      }),
    ),
  ).pipe(ignoreElements());
