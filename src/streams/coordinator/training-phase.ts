import type { TrainingOutcome } from '../cache-to-model.js';
import { leastPairs } from '../training/when-to-train.js';
import { inWords, type RetryWaits, waitOf } from './retry-waits.js';
import type { FlowState } from './state.js';
import { become, type Step, warning, withMore } from './step.js';

/** A person asks for a training, whether or not one is due. */
export function trainNow(state: FlowState): Step {
  if (state.retrain === 'never') {
    const message = 'Nothing is trained with --retrain never; manual trains when asked.';
    return become(state, warning('TRAINING_OFF', message));
  }
  switch (state.phase.is) {
    case 'scanning':
    case 'idle':
    case 'waiting-to-retry':
      return decide(state, true);
    case 'deciding':
      return become({ ...state, phase: { is: 'deciding', next: 'decide-again' } });
    case 'training':
    case 'stopping':
      return become(state);
  }
}

/** The first time as soon as all files of the start have been taken in. */
export function decideAfterScan(state: FlowState): Step {
  const isFirst = state.pairs === 'unseen' && state.intake === 'idle';
  const isFree = state.phase.is === 'scanning' || isFreeToTrain(state);
  return isFirst && isFree ? decide(state, false) : become(state);
}

/** Later when no pair has changed for a while. Test images do not count: one may come every second. */
export function decideAfterQuiet(state: FlowState): Step {
  return state.pairs === 'changed' && isFreeToTrain(state) ? decide(state, false) : become(state);
}

/** Of its own accord: a failed training again, or another model in place of one that is lost. */
export function decideIfFree(state: FlowState): Step {
  return isFreeToTrain(state) ? decide(state, false) : become(state);
}

export function pairsChanged(state: FlowState): FlowState {
  return state.pairs === 'unseen' ? state : { ...state, pairs: 'changed' };
}

/** The training, or the decision not to train, is over. */
export function trainingEnded(state: FlowState, outcome: TrainingOutcome, waits: RetryWaits): Step {
  const isAskedAgain = state.phase.is === 'deciding' && state.phase.next === 'decide-again';
  const phase = { is: state.pairs === 'unseen' ? 'scanning' : 'idle' } as const;
  const free: FlowState = { ...state, phase, start: 'predicting' };
  switch (outcome.type) {
    case 'trained':
    case 'interrupted':
      return decideAfterScan(free);
    case 'failed':
      return outcome.isTransient && state.mode === 'watch'
        ? waitToRetry(free, waits)
        : decideAfterScan({ ...free, hasTrainingFailed: true });
    case 'not-due': {
      if (isAskedAgain) return decide(free, true);
      const next = decideAfterScan(free);
      const isMissed = outcome.why === 'too-few-pairs' && state.serving.is === 'none';
      return isMissed ? withMore(next, warning('TOO_FEW_PAIRS', tooFewPairs)) : next;
    }
  }
}

function waitToRetry(state: FlowState, waits: RetryWaits): Step {
  const ms = waitOf(state.attempts.training, waits);
  return become(
    {
      ...state,
      phase: { is: 'waiting-to-retry' },
      hasTrainingFailed: true,
      attempts: { ...state.attempts, training: state.attempts.training + 1 },
    },
    warning('TRAINING_RETRY', `The training is tried again in ${inWords(ms)}.`),
    { do: 'wait', for: 'training', ms },
  );
}

function decide(state: FlowState, isRequested: boolean): Step {
  // What a scan has not met yet is decided on after it.
  const isScanned = state.pairs !== 'unseen' || state.intake === 'idle';
  const pairs = isScanned ? 'considered' : 'unseen';
  const phase = { is: 'deciding', next: 'nothing' } as const;
  return become({ ...state, pairs, phase, burst: 'open' }, { do: 'train', isRequested });
}

function isFreeToTrain({ phase }: FlowState): boolean {
  return phase.is === 'idle' || phase.is === 'waiting-to-retry';
}

const tooFewPairs = `There are too few images with masks to train on; at least ${leastPairs} are needed`;
