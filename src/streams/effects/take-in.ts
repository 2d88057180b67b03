import { concatMap, ignoreElements, map, merge, take, tap } from 'rxjs';
import { commandsTo, type Effect } from './effect.js';

/** Runs the intake, from the first scan on; before the end it finishes what it has in hand. */
export const takeIn: Effect = ({ commands$, intake, emit }) =>
  merge(
    merge(
      intake.events$.pipe(tap(emit)),
      commandsTo(commands$, 'begin-intake').pipe(
        take(1),
        concatMap(() => intake.run()),
      ),
    ).pipe(ignoreElements()),
    commandsTo(commands$, 'empty-intake').pipe(
      concatMap(() => intake.emptied()),
      map(() => ({ type: 'intake-emptied' }) as const),
    ),
    intake.busy$.pipe(map((isBusy) => ({ type: 'intake', is: isBusy ? 'busy' : 'idle' }) as const)),
  );
