import type { PipelineEvent, Stage, StageLoad } from '../../events.js';
import { countItems, itemsPerSecond, noRate, type Rate } from './smoothed-rate.js';

/** The rows of the pipeline panel: what a person tells apart, coarser than `Stage`. */
export const stageRows = ['settle', 'ingest', 'pair', 'train', 'predict', 'submission'] as const;

export type StageRow = (typeof stageRows)[number];

export interface StageState {
  /** Since start; null where nothing counts it. */
  readonly done: number | null;
  readonly queued: number | null;
  readonly inFlight: number | null;
  readonly waiting: number | null;
  readonly failed: number;
  readonly rate: Rate;
  /** `done` and the time when the present backlog began; null when there is none. */
  readonly backlogFrom: { readonly done: number; readonly at: number } | null;
}

export type StageStates = Readonly<Record<StageRow, StageState>>;

const uncounted: StageState = {
  done: null,
  queued: null,
  inFlight: null,
  waiting: null,
  failed: 0,
  rate: noRate,
  backlogFrom: null,
};

const counted: StageState = { ...uncounted, done: 0 };

export const noStages: StageStates = {
  settle: uncounted,
  ingest: counted,
  pair: counted,
  train: counted,
  predict: counted,
  submission: counted,
};

const rowOfStage: Readonly<Record<Stage, StageRow>> = {
  watch: 'settle',
  settle: 'settle',
  decode: 'ingest',
  resize: 'ingest',
  cache: 'ingest',
  pair: 'pair',
  train: 'train',
  predict: 'predict',
  mask: 'predict',
  submission: 'submission',
  measurements: 'submission',
  truth: 'submission',
};

export function foldStages(stages: StageStates, event: PipelineEvent, nowMs: number): StageStates {
  switch (event.type) {
    case 'stages': {
      const { settle, ingest, pair, predict } = event.stages;
      return {
        ...stages,
        settle: gauge(stages.settle, settle, nowMs),
        ingest: gauge(stages.ingest, ingest, nowMs),
        pair: gauge(stages.pair, pair, nowMs),
        predict: gauge(stages.predict, predict, nowMs),
      };
    }
    case 'item.ingested': {
      const ingest = finish(stages.ingest, nowMs);
      return event.split === 'train'
        ? { ...stages, ingest, pair: finish(stages.pair, nowMs) }
        : { ...stages, ingest };
    }
    case 'item.failed': {
      const row = rowOfStage[event.stage];
      return { ...stages, [row]: { ...stages[row], failed: stages[row].failed + 1 } };
    }
    case 'item.predicted':
      return { ...stages, predict: finish(stages.predict, nowMs) };
    case 'train.started':
      return { ...stages, train: { ...stages.train, inFlight: 1 } };
    case 'train.done':
      return { ...stages, train: { ...finish(stages.train, nowMs), inFlight: 0 } };
    case 'train.interrupted':
      return { ...stages, train: { ...stages.train, inFlight: 0 } };
    case 'train.failed':
      return {
        ...stages,
        train: { ...stages.train, inFlight: 0, failed: stages.train.failed + 1 },
      };
    case 'submission.written':
      return { ...stages, submission: finish(stages.submission, nowMs) };
    case 'caught-up':
      return { ...stages, submission: { ...stages.submission, waiting: event.pending } };
    default:
      return stages;
  }
}

/** Backlog of a stage: share done of all that came since it began, and how long the rest takes. */
export interface Backlog {
  readonly left: number;
  readonly share: number;
  readonly msLeft: number | null;
}

export function backlogOf(stage: StageState, nowMs: number): Backlog | null {
  const left = (stage.queued ?? 0) + (stage.inFlight ?? 0);
  if (stage.backlogFrom === null || stage.done === null || left === 0) return null;
  const done = stage.done - stage.backlogFrom.done;
  const rate = itemsPerSecond(stage.rate, nowMs);
  return {
    left,
    share: done / (done + left),
    msLeft: rate > 0 ? (left / rate) * 1000 : null,
  };
}

function gauge(stage: StageState, load: StageLoad, nowMs: number): StageState {
  const busy = load.queued + load.inFlight > 0;
  return {
    ...stage,
    queued: load.queued,
    inFlight: load.inFlight,
    waiting: load.waiting,
    backlogFrom: busy ? (stage.backlogFrom ?? { done: stage.done ?? 0, at: nowMs }) : null,
  };
}

function finish(stage: StageState, nowMs: number): StageState {
  return { ...stage, done: (stage.done ?? 0) + 1, rate: countItems(stage.rate, 1, nowMs) };
}
