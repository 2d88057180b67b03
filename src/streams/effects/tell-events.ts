import { isDeepStrictEqual } from 'node:util';
import { distinctUntilChanged, ignoreElements, map, merge, tap, timer } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
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

/** How much waits before each stage and is in it, for the dashboard. */
export const gauges: Effect = ({ intake, predictor, timing, emit }) =>
  timer(timing.stagesEveryMs, timing.stagesEveryMs).pipe(
    map((): PipelineEvent => {
      const stages = { ...intake.loads, predict: predictor.load };
      return { type: 'stages', stages, ignored: intake.ignored };
    }),
    distinctUntilChanged<PipelineEvent>(isDeepStrictEqual),
    tap(emit),
    ignoreElements(),
  );
