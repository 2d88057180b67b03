import type { SavedModel } from '../../store/model-registry.js';
import type { FlowEvent, FlowState } from './state.js';
import { become, type Step, tell, withMore } from './step.js';
import { decideIfFree } from './training-phase.js';

type ModelIs = Extract<FlowEvent, { type: `model-${string}` }>;

export function modelIs(state: FlowState, event: ModelIs): Step {
  switch (event.type) {
    case 'model-trained':
      return modelTrained(state, event.model, event.isFinal);
    case 'model-found':
      return modelFound(state, event.model);
    case 'model-used':
      return modelUsed(state, event.model);
    case 'model-unreadable':
      return modelUnreadable(state, event.folder, event.why);
  }
}

/**
 * The best so far of a first training predicts until that is done; that of a later one does not
 * replace a model that was trained to its end.
 */
function modelTrained(state: FlowState, model: SavedModel, isFinal: boolean): Step {
  const isWanted = isFinal || (state.serving.is === 'none' && state.mode === 'watch');
  return isWanted ? serve({ ...state, start: 'predicting' }, model, !isFinal) : become(state);
}

/** A person has chosen it, and the store names it: once it is stopping, it predicts from the next start on. */
function modelUsed(state: FlowState, model: SavedModel): Step {
  if (state.phase.is === 'stopping') return become(state);
  return serve({ ...state, start: startWithModel(state) }, model, false);
}

/** At the start, or in place of a model that cannot be read. */
function modelFound(state: FlowState, model: SavedModel | null): Step {
  if (state.serving.is === 'falling-back') {
    if (model !== null) return serve(state, model, false);
    return decideIfFree({ ...state, serving: { is: 'unreadable' } });
  }
  if (state.phase.is === 'stopping') return become(state);
  const begin = { do: 'begin-intake' } as const;
  if (model === null) return become(state, begin);
  return withMore(serve({ ...state, start: startWithModel(state) }, model, false), begin);
}

/** A single run predicts once, with the model that it ends up with. */
function startWithModel({ mode, start }: FlowState): FlowState['start'] {
  return mode === 'watch' ? 'predicting' : start;
}

function modelUnreadable(state: FlowState, folder: string, why: string): Step {
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
