import type { SavedModel } from '../../store/model-registry.js';
import type { FlowState } from './state.js';
import { become, type Step, tell, withMore } from './step.js';
import { decideIfFree } from './training-phase.js';

/**
 * The best so far of a first training predicts until that is done; that of a later one does not
 * replace a model that was trained to its end.
 */
export function modelTrained(state: FlowState, model: SavedModel, isFinal: boolean): Step {
  const isWanted = isFinal || (state.serving.is === 'none' && state.mode === 'watch');
  return isWanted ? serve({ ...state, start: 'predicting' }, model, !isFinal) : become(state);
}

/** At the start, or in place of a model that cannot be read. */
export function modelFound(state: FlowState, model: SavedModel | null): Step {
  if (state.serving.is === 'falling-back') {
    if (model !== null) return serve(state, model, false);
    return decideIfFree({ ...state, serving: { is: 'unreadable' } });
  }
  if (state.phase.is === 'stopping') return become(state);
  const begin = { do: 'begin-intake' } as const;
  if (model === null) return become(state, begin);
  // A single run predicts once, with the model that it ends up with.
  const start = state.mode === 'watch' ? 'predicting' : state.start;
  return withMore(serve({ ...state, start }, model, false), begin);
}

export function modelUnreadable(state: FlowState, folder: string, why: string): Step {
  const falling: FlowState = { ...state, serving: { is: 'falling-back' }, burst: 'open' };
  return become(falling, { do: 'find-model', insteadOf: { folder, why } });
}

function serve(state: FlowState, model: SavedModel, isInterim: boolean): Step {
  const { modelId, recipe, pairs, metrics, createdAt: trainedAt } = model.card;
  const before = state.serving;
  const isTold =
    before.is === 'model' &&
    before.model.card.modelId === modelId &&
    before.isInterim === isInterim;
  const imageDice = metrics.validationImageDice;
  const event = { modelId, recipe, pairs, imageDice, trainedAt, isInterim };
  return become(
    { ...state, serving: { is: 'model', model, isInterim } },
    ...(isTold ? [] : [tell({ type: 'model.serving', ...event })]),
    { do: 'serve', model },
  );
}
