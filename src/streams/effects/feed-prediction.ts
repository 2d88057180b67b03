import { ignoreElements, map, merge, tap } from 'rxjs';
import type { Effect } from './effect.js';

/** Samples flow on to prediction; what becomes of them there is told. */
export const feedPrediction: Effect = ({ intake, predictor }) =>
  merge(
    intake.changes$.pipe(
      tap((change) => predictor.take(change)),
      ignoreElements(),
    ),
    predictor.busy$.pipe(
      map((isBusy) => ({ type: 'prediction', is: isBusy ? 'busy' : 'idle' }) as const),
    ),
    predictor.unreadable$.pipe(map((model) => ({ type: 'model-unreadable', ...model }) as const)),
  );
