import { concatMap, ignoreElements, map, merge, tap } from 'rxjs';
import type { TrainingSignal } from '../cache-to-model.js';
import type { FlowEvent } from '../coordinator/state.js';
import { commandsTo, type Effect } from './effect.js';

/** Trains when that is due, and tells the coordinator what comes of it. */
export const trainOnCommand: Effect = ({ commands$, cacheToModel, stopping }) =>
  merge(
    commandsTo(commands$, 'train').pipe(concatMap(cacheToModel), map(asFlowEvent)),
    commandsTo(commands$, 'interrupt-training').pipe(
      tap(() => stopping.abort()),
      ignoreElements(),
    ),
  );

function asFlowEvent(signal: TrainingSignal): FlowEvent {
  switch (signal.type) {
    case 'started':
      return { type: 'training-started' };
    case 'model': {
      const { card, folder, isFinal } = signal;
      return { type: 'model-trained', model: { card, folder }, isFinal };
    }
    case 'ended':
      return { type: 'training-ended', outcome: signal.outcome };
  }
}
