import { isDeepStrictEqual } from 'node:util';
import { distinctUntilChanged, ignoreElements, map, tap, timer } from 'rxjs';
import type { PipelineEvent } from '../../events.js';
import type { Effect } from './effect.js';

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
