import type { ComputeHealth } from '../../compute/compute.js';
import type { PipelineEvent } from '../../events.js';
import type { Settings } from '../../settings/options.js';
import type { SavedModel } from '../../store/model-registry.js';
import type { TrainingOutcome } from '../cache-to-model.js';

/** `once` ends when nothing is left to do; `watch` goes on. */
export type Mode = 'watch' | 'once';

/** What the whole is about: one of these at a time. Its diagram stands in coordinator.ts. */
export type Phase =
  | { readonly is: 'scanning' }
  | { readonly is: 'idle' }
  /** Whether to train. A person may ask meanwhile: then it is decided once more. */
  | { readonly is: 'deciding'; readonly next: 'nothing' | 'decide-again' }
  | { readonly is: 'training' }
  | { readonly is: 'waiting-to-retry' }
  | { readonly is: 'stopping'; readonly inHand: ReadonlySet<'training' | 'intake'> };

/** Which model predicts. */
export type Serving =
  | { readonly is: 'none' }
  | { readonly is: 'model'; readonly model: SavedModel; readonly isInterim: boolean }
  /** The model that served cannot be read: another one is looked for. */
  | { readonly is: 'falling-back' }
  | { readonly is: 'unreadable' };

export interface FlowState {
  readonly mode: Mode;
  readonly retrain: Settings['retrain'];
  readonly phase: Phase;
  /** Whether pairs have changed since it was last decided whether to train. */
  readonly pairs: 'unseen' | 'changed' | 'considered';
  readonly intake: 'busy' | 'idle';
  readonly isPausedByPerson: boolean;
  readonly prediction: 'busy' | 'idle';
  readonly serving: Serving;
  /** Nothing is predicted before the first training is decided on, or before there is a model. */
  readonly start: 'training-first' | 'predicting';
  readonly compute: 'usable' | 'away';
  /** Of pixels that no file has any more. `due`: a process that was killed may have left some. */
  readonly sweep: 'due' | 'possible' | 'running' | 'done';
  /** Whether anything has been busy since `caught-up` was told. */
  readonly burst: 'open' | 'closed';
  readonly hasTrainingFailed: boolean;
  /** Failures in a row. */
  readonly attempts: { readonly compute: number; readonly training: number };
}

export const startState = (mode: Mode, retrain: Settings['retrain']): FlowState => ({
  mode,
  retrain,
  phase: { is: 'scanning' },
  pairs: 'unseen',
  intake: 'busy',
  isPausedByPerson: false,
  prediction: 'idle',
  serving: { is: 'none' },
  start: 'training-first',
  compute: 'usable',
  sweep: 'due',
  burst: 'open',
  hasTrainingFailed: false,
  attempts: { compute: 0, training: 0 },
});

export type FlowEvent =
  | { readonly type: 'begun' }
  | { readonly type: 'asked'; readonly for: Request }
  | { readonly type: 'intake'; readonly is: 'busy' | 'idle' }
  | { readonly type: 'intake-emptied' }
  | { readonly type: 'pairs'; readonly are: 'changed' | 'quiet' }
  | { readonly type: 'training-started' }
  | { readonly type: 'training-ended'; readonly outcome: TrainingOutcome }
  | { readonly type: 'model-trained'; readonly model: SavedModel; readonly isFinal: boolean }
  | { readonly type: 'model-found'; readonly model: SavedModel | null }
  | { readonly type: 'model-used'; readonly model: SavedModel }
  | { readonly type: 'model-unreadable'; readonly folder: string; readonly why: string }
  | { readonly type: 'prediction'; readonly is: 'busy' | 'idle' }
  | { readonly type: 'progress'; readonly of: 'training' | 'prediction' }
  | { readonly type: 'compute'; readonly health: ComputeHealth }
  | { readonly type: 'wait-over'; readonly for: Retry }
  | { readonly type: 'swept' }
  /** Everything is idle, and so is what that has set off. */
  | {
      readonly type: 'all-idle';
      readonly mayHoldOrphans: boolean;
      readonly isPredictionStuck: boolean;
    };

/** What a person may ask for. */
export type Request = 'training' | 'prediction' | 'pause' | 'resume' | 'stop';

export type Retry = 'training' | 'compute';

export type Command =
  | { readonly do: 'tell'; readonly event: PipelineEvent }
  | { readonly do: 'tell-caught-up' }
  | { readonly do: 'find-model'; readonly insteadOf: { folder: string; why: string } | null }
  | { readonly do: 'begin-intake' }
  | { readonly do: 'empty-intake' }
  | { readonly do: 'train'; readonly isRequested: boolean }
  | { readonly do: 'interrupt-training' }
  | { readonly do: 'serve'; readonly model: SavedModel }
  | { readonly do: 'predict-again' }
  | { readonly do: 'start-compute' }
  | { readonly do: 'wait'; readonly for: Retry; readonly ms: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'end'; readonly outcome: Outcome };

export type Outcome = 'done' | 'failed' | 'stopped';

/** Why nothing new is taken in. */
export function intakePauses({ phase, sweep, isPausedByPerson }: FlowState): IntakePause[] {
  return [
    ...(isPausedByPerson ? (['person'] as const) : []),
    ...(sweep === 'running' ? (['sweep'] as const) : []),
    ...(phase.is === 'stopping' ? (['stopping'] as const) : []),
  ];
}

export function isIntakePaused(state: FlowState): boolean {
  return intakePauses(state).length > 0;
}

/** Why nothing new is predicted. */
export function predictionPauses({ phase, start, compute }: FlowState): PredictionPause[] {
  return [
    ...(start === 'training-first' ? (['training'] as const) : []),
    ...(compute === 'away' ? (['compute'] as const) : []),
    ...(phase.is === 'stopping' ? (['stopping'] as const) : []),
  ];
}

export type IntakePause = 'person' | 'sweep' | 'stopping';
export type PredictionPause = 'training' | 'compute' | 'stopping';

/** Whether a training is decided on or runs. */
export function isTrainingBusy({ phase }: FlowState): boolean {
  return phase.is === 'deciding' || phase.is === 'training';
}

/** Nothing is in hand, and nothing is going to be by itself. */
export function isAllIdle({ phase, intake, prediction, serving, sweep }: FlowState): boolean {
  return (
    (phase.is === 'idle' || phase.is === 'waiting-to-retry') &&
    intake === 'idle' &&
    prediction === 'idle' &&
    serving.is !== 'falling-back' &&
    sweep !== 'running'
  );
}
