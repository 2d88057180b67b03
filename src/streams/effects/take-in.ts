import { concatMap, ignoreElements, map, merge, take } from 'rxjs';
import { commandsTo, type Effect } from './effect.js';

/** Runs the intake, from the first scan on; before the end it finishes what it has in hand. */
export const takeIn: Effect = ({ commands$, intake }) =>
  merge(
    commandsTo(commands$, 'begin-intake').pipe(
      take(1),
      concatMap(() => intake.run()),
      ignoreElements(),
    ),
    commandsTo(commands$, 'empty-intake').pipe(
      concatMap(() => intake.emptied()),
      map(() => ({ type: 'intake-emptied' }) as const),
    ),
  );
