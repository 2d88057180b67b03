import { concatMap, EMPTY, ignoreElements, merge, type Observable, of, tap } from 'rxjs';
import type { TrainingSignal } from '../cache-to-model.js';
import type { FlowEvent } from '../coordinator/state.js';
import { commandsTo, type Effect } from './effect.js';

/** Trains when that is due, and tells what comes of it. */
export const train: Effect = ({ commands$, cacheToModel, stopping, emit }) => {
  const taken = (signal: TrainingSignal): Observable<FlowEvent> => {
    switch (signal.type) {
      case 'event':
        emit(signal.event);
        return EMPTY;
      case 'started':
        return of({ type: 'training-started' });
      case 'model': {
        const { card, folder, isFinal } = signal;
        return of({ type: 'model-trained', model: { card, folder }, isFinal });
      }
      case 'ended':
        return of({ type: 'training-ended', outcome: signal.outcome });
    }
  };
  return merge(
    commandsTo(commands$, 'train').pipe(concatMap(cacheToModel), concatMap(taken)),
    commandsTo(commands$, 'interrupt-training').pipe(
      tap(() => stopping.abort()),
      ignoreElements(),
    ),
  );
};
