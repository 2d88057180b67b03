import { isItemEvent } from '../../events/predicates.js';
import type { EventOf, ModelEvent, ModelServingEvent, PipelineEvent, Stage } from '../../events.js';
import { contextAfter, noContext, type SentenceContext } from '../log/sentence-context.js';
import { type EvaluationState, foldEvaluation } from './evaluation-state.js';
import { foldTraining } from './fold-training.js';
import { addItem, type LatestItems, noItems } from './latest-items.js';
import { type LogEntry, logAfter } from './log-entries.js';
import { noPreviews, type Previews, rememberPreview } from './previews.js';
import { foldStages, noStages, type StageStates } from './stage-state.js';
import { foldSystem, noSystem, type SystemState } from './system-state.js';
import { noTraining, type TrainingState } from './training-state.js';
import { foldTroubles, noTroubles, type Troubles } from './troubles.js';

/**
 * What the dashboard knows: every event folded in, bounded in size however long it runs. It is
 * plain data, so that another process could be handed it as it is.
 */
export interface DashboardState {
  readonly startedAt: number;
  readonly ready: EventOf<'ready'> | null;
  readonly compute: EventOf<'compute'> | null;
  readonly paused: boolean;
  readonly stopped: EventOf<'stopped'> | null;
  readonly stages: StageStates;
  /** Files under raw/ whose names are not ours. */
  readonly ignored: number;
  readonly intake: { readonly train: number; readonly test: number; readonly cached: number };
  readonly predictions: { readonly done: number; readonly nonEmpty: number };
  /** Test images without a current prediction, as of the last time all was done. */
  readonly pending: number | null;
  readonly submission: {
    readonly path: string;
    readonly rows: number;
    readonly nonEmpty: number;
    readonly at: number;
    /** By this run, not found from an earlier one. */
    readonly isOurs: boolean;
  } | null;
  readonly training: TrainingState;
  /** null unless the program cross-validates. */
  readonly evaluation: EvaluationState | null;
  /** The model that predicts; null as long as there is none. */
  readonly serving: ModelServingEvent | null;
  /** How it came to predict, as of the last training that ended. */
  readonly verdict: ModelEvent | null;
  readonly troubles: Troubles;
  readonly failures: LatestItems<Failure>;
  readonly log: LatestItems<LogEntry>;
  readonly previews: Previews;
  readonly system: SystemState;
  /** Last time something came out of the pipeline. */
  readonly changedAt: number | null;
  /** Last time an item was taken in, or predicted: tells what it is doing now. */
  readonly ingestedAt: number | null;
  readonly predictedAt: number | null;
  readonly sentenceContext: SentenceContext;
}

export interface Failure {
  readonly at: number;
  readonly path: string;
  readonly stage: Stage;
  readonly code: string;
  readonly message: string;
}

const failuresKept = 200;

export function initialState(nowMs: number): DashboardState {
  return {
    startedAt: nowMs,
    ready: null,
    compute: null,
    paused: false,
    stopped: null,
    stages: noStages,
    ignored: 0,
    intake: { train: 0, test: 0, cached: 0 },
    predictions: { done: 0, nonEmpty: 0 },
    pending: null,
    submission: null,
    training: noTraining,
    evaluation: null,
    serving: null,
    verdict: null,
    troubles: noTroubles,
    failures: noItems,
    log: noItems,
    previews: noPreviews,
    system: noSystem,
    changedAt: null,
    ingestedAt: null,
    predictedAt: null,
    sentenceContext: noContext,
  };
}

/** Folds one event in. Pure: the same events and times give the same state. */
export function foldEvent(
  state: DashboardState,
  event: PipelineEvent,
  nowMs: number,
): DashboardState {
  // The most frequent of all, and of no interest but to the curves.
  if (event.type === 'train.step') {
    return { ...state, training: foldTraining(state.training, event, nowMs) };
  }
  const next: DashboardState = {
    ...state,
    stages: foldStages(state.stages, event, nowMs),
    log: logAfter(state.log, event, state.sentenceContext, nowMs),
    sentenceContext: contextAfter(state.sentenceContext, event),
    troubles: foldTroubles(state.troubles, event),
    changedAt: isChange(event) ? nowMs : state.changedAt,
  };
  switch (event.type) {
    case 'ready':
      return { ...next, ready: event };
    case 'notice':
    case 'web.listening':
    case 'audit.done':
    case 'model.tuned':
    case 'model.marked':
    case 'model.removed':
    case 'item.waiting':
    case 'measurements.written':
    case 'export.written':
    case 'export.failed':
    case 'item.removed':
      return next;
    case 'evaluation.started':
    case 'evaluation.progress':
    case 'evaluation.fold':
    case 'evaluation.done':
    case 'evaluation.scored':
      return { ...next, evaluation: foldEvaluation(state.evaluation, event) };
    case 'stages':
      return { ...next, ignored: event.ignored };
    case 'paused':
      return { ...next, paused: event.paused };
    case 'compute':
      // A sample of memory need not repeat what it knows of the state, nor lose the last sample.
      return { ...next, compute: { ...state.compute, ...event } };
    case 'item.ingested': {
      const { intake } = state;
      return {
        ...next,
        ingestedAt: nowMs,
        intake: {
          ...intake,
          [event.split]: intake[event.split] + 1,
          cached: intake.cached + (event.reason === 'cached' ? 1 : 0),
        },
      };
    }
    case 'item.failed': {
      const { path, stage, code, message } = event;
      const failure: Failure = { at: nowMs, path, stage, code, message };
      return { ...next, failures: addItem(state.failures, failure, failuresKept) };
    }
    case 'item.predicted':
      return {
        ...next,
        predictedAt: nowMs,
        predictions: {
          done: state.predictions.done + 1,
          nonEmpty: state.predictions.nonEmpty + (event.pixels > 0 ? 1 : 0),
        },
      };
    case 'train.started':
    case 'train.cleaned':
    case 'train.epoch':
    case 'train.done':
    case 'train.interrupted':
    case 'train.failed':
      return { ...next, training: foldTraining(state.training, event, nowMs) };
    case 'model.promoted':
    case 'model.kept':
      return { ...next, verdict: event };
    case 'model.used':
      return { ...next, verdict: null };
    case 'model.serving':
      return { ...next, serving: event };
    case 'submission.unchanged': {
      const { path, rows, nonEmpty, writtenAt } = event;
      const at = Date.parse(writtenAt);
      return { ...next, submission: { path, rows, nonEmpty, at, isOurs: false } };
    }
    case 'preview':
      return { ...next, previews: rememberPreview(state.previews, event) };
    case 'system':
      return { ...next, system: foldSystem(state.system, event) };
    case 'submission.written': {
      const { path, rows, nonEmpty } = event;
      return { ...next, submission: { path, rows, nonEmpty, at: nowMs, isOurs: true } };
    }
    case 'caught-up':
      return { ...next, pending: event.pending, ingestedAt: null, predictedAt: null };
    case 'stopped':
      return { ...next, stopped: event };
  }
}

/** Whether something came out of the pipeline. */
function isChange(event: PipelineEvent): boolean {
  return isItemEvent(event)
    ? event.type !== 'item.ingested' || event.reason !== 'cached'
    : changes.has(event.type);
}

const changes: ReadonlySet<PipelineEvent['type']> = new Set([
  'train.started',
  'train.cleaned',
  'train.epoch',
  'train.done',
  'train.interrupted',
  'train.failed',
  'model.promoted',
  'model.kept',
  'model.used',
  'submission.written',
  'measurements.written',
]);
