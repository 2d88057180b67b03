import { computeIs } from './coordinator/compute-health.js';
import type { RetryWaits } from './coordinator/retry-waits.js';
import type { FlowEvent, FlowState, Request, Retry } from './coordinator/state.js';
import { become, type Step, tell } from './coordinator/step.js';
import {
  decideAfterQuiet,
  decideAfterScan,
  decideIfFree,
  pairsChanged,
  trainingEnded,
  trainNow,
} from './coordinator/training-phase.js';
import { modelIs } from './coordinator/which-model-serves.js';

/**
 * Who waits for whom, decided in one place, of values alone. The three pages tell what happens,
 * people what they want; effects/ carry the commands out.
 *
 *     scanning ── all files of the start are in ──┐
 *                                                 v
 *     idle ── pairs quiet, asked, retry due ──> deciding ── due ──> training
 *      ^ ^                                        │                    │
 *      │ └──────────────── not due ───────────────┘                    │
 *      ├───────────────────────── trained, or failed for good ─────────┤
 *      └─ waiting-to-retry <───────────────────── failed, may pass ────┘
 *
 *     any ── asked to stop ──> stopping ── nothing in hand ──> end
 *
 * Beside the phase, and independent of it: which model serves, whether the compute process is away,
 * whether pixels are swept, whether `caught-up` has been told. What pauses intake and prediction
 * follows from the state (state.ts). `all-idle` comes when nothing is in hand and nothing follows
 * from what was.
 */
export function step(state: FlowState, event: FlowEvent, waits: RetryWaits): Step {
  switch (event.type) {
    case 'begun':
      return become(state, { do: 'find-model', insteadOf: null });
    case 'asked':
      return asked(state, event.for);
    case 'intake':
      return decideAfterScan({ ...opened(state, event.is), intake: event.is });
    case 'intake-emptied':
      return endIfStopped(released(state, 'intake'));
    case 'pairs':
      return event.are === 'quiet' ? decideAfterQuiet(state) : become(pairsChanged(state));
    case 'training-started':
      return become(
        state.phase.is === 'deciding' ? { ...state, phase: { is: 'training' } } : state,
      );
    case 'training-ended':
      return state.phase.is === 'stopping'
        ? endIfStopped(released(state, 'training'))
        : trainingEnded(state, event.outcome, waits);
    case 'model-trained':
    case 'model-found':
    case 'model-used':
    case 'model-unreadable':
      return modelIs(state, event);
    case 'prediction':
      return endIfStopped({ ...opened(state, event.is), prediction: event.is });
    case 'progress':
      return become(worksAgain(state, event.of));
    case 'compute':
      return computeIs(state, event.health, waits);
    case 'wait-over':
      return waitOver(state, event.for);
    case 'swept':
      return become({ ...state, sweep: 'done' });
    case 'all-idle':
      return allIdle(state, event);
  }
}

function asked(state: FlowState, request: Request): Step {
  switch (request) {
    case 'pause':
    case 'resume': {
      const isPausedByPerson = request === 'pause';
      const told = tell({ type: 'paused', paused: isPausedByPerson });
      return become({ ...state, isPausedByPerson }, told);
    }
    case 'training':
      return trainNow(state);
    case 'prediction':
      // Whoever asks wants another attempt, even of a compute process that had been given up.
      return become({ ...state, compute: 'usable' }, { do: 'predict-again' });
    case 'stop':
      return stop(state);
  }
}

function stop(state: FlowState): Step {
  const { is } = state.phase;
  if (is === 'stopping') return become(state);
  const isTraining = is === 'deciding' || is === 'training';
  const inHand = new Set(isTraining ? (['intake', 'training'] as const) : (['intake'] as const));
  const stopping: FlowState = { ...state, phase: { is: 'stopping', inHand } };
  return become(stopping, { do: 'interrupt-training' }, { do: 'empty-intake' });
}

function released(state: FlowState, part: 'training' | 'intake'): FlowState {
  const { phase } = state;
  if (phase.is !== 'stopping') return state;
  const inHand = new Set([...phase.inHand].filter((other) => other !== part));
  return { ...state, phase: { is: 'stopping', inHand } };
}

function endIfStopped(state: FlowState): Step {
  const { phase, prediction } = state;
  const isOver = phase.is === 'stopping' && phase.inHand.size === 0 && prediction === 'idle';
  return isOver ? become(state, { do: 'end', outcome: 'stopped' }) : become(state);
}

/** Whatever becomes busy opens a burst, at whose end `caught-up` is told. */
function opened(state: FlowState, is: 'busy' | 'idle'): FlowState {
  if (is === 'idle') return state;
  return { ...state, burst: 'open', sweep: state.sweep === 'done' ? 'possible' : state.sweep };
}

function worksAgain(state: FlowState, what: 'training' | 'prediction'): FlowState {
  const { attempts } = state;
  const training = what === 'training' ? 0 : attempts.training;
  // With every image that is predicted: mostly nothing had failed.
  if (attempts.compute === 0 && attempts.training === training) return state;
  return { ...state, attempts: { compute: 0, training } };
}

function waitOver(state: FlowState, retry: Retry): Step {
  if (state.phase.is === 'stopping') return become(state);
  return retry === 'compute' ? become(state, { do: 'start-compute' }) : decideIfFree(state);
}

function allIdle(
  state: FlowState,
  { mayHoldOrphans, isPredictionStuck }: FlowEvent & { type: 'all-idle' },
): Step {
  const sweep = (from: FlowState) =>
    become({ ...from, sweep: 'running' } as const, { do: 'sweep' });
  const endOfOnce = (from: FlowState): Step => {
    const outcome = isPredictionStuck || from.hasTrainingFailed ? 'failed' : 'done';
    return from.mode === 'once' ? become(from, { do: 'end', outcome }) : become(from);
  };
  if (state.burst === 'closed') return endOfOnce(state);
  // Until now the pixels of a file that went were kept: it might have come back under another name.
  if (mayHoldOrphans && state.sweep !== 'done') return sweep(state);
  const closed: FlowState = { ...state, burst: 'closed' };
  const next = state.sweep === 'due' ? sweep(closed) : endOfOnce(closed);
  return { state: next.state, commands: [{ do: 'tell-caught-up' }, ...next.commands] };
}
