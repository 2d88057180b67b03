import type { ModelCard } from '../model/card.js';
import type { BackendSettings, CandidateName } from './backends/candidate.js';
import type {
  BatchPass,
  ComputeFailure,
  ComputeInfo,
  ImageBatch,
  PairBatch,
  ProbabilityBatch,
  TrainingRun,
  TrainReport,
} from './compute.js';

/**
 * What the program and the compute process say to each other over Node's IPC (serialization
 * 'advanced': typed arrays travel as they are).
 */
export type ToCompute =
  /** Always first. Answered by `ready` or `unusable`. */
  | {
      readonly type: 'start';
      readonly candidate: CandidateName;
      readonly settings: BackendSettings;
    }
  /** Answered by `report`s, the last of them `done` or `interrupted`, or by `train-failed`. */
  | { readonly type: 'train'; readonly training: number; readonly run: TrainingRun }
  /** Only while a credit of this pass is left; `creditsPerPass` to begin with. */
  | { readonly type: 'batch'; readonly pass: number; readonly batch: PairBatch }
  | { readonly type: 'pass-end'; readonly pass: number }
  | { readonly type: 'interrupt'; readonly training: number }
  | ComputeRequest
  /** The model that `predict` names by its folder is not needed any more. */
  | { readonly type: 'put-aside' }
  | { readonly type: 'close' };

export type ComputeQuestion =
  | { readonly type: 'serve'; readonly folder: string }
  | {
      readonly type: 'predict';
      readonly images: ImageBatch;
      /** Folder of another model than the served one. */
      readonly by?: string;
    };

/** Answered by `answer` or `request-failed` with the same number, in the order asked. */
export type ComputeRequest = ComputeQuestion & { readonly request: number };

/** What each question is answered with. */
export interface Answers {
  readonly serve: ModelCard;
  readonly predict: ProbabilityBatch;
}

export type FromCompute =
  | {
      readonly type: 'ready';
      readonly info: Omit<ComputeInfo, 'skipped'>;
      readonly version: string;
    }
  /** The candidate cannot be used; the process ends. */
  | { readonly type: 'unusable'; readonly reason: string }
  /** The event loop turned; not during a step, so seconds or minutes may lie between two. */
  | { readonly type: 'heartbeat' }
  | {
      readonly type: 'memory';
      readonly tensors: number;
      readonly tensorBytes: number;
      readonly rss: number;
      /** Processor time since its start. */
      readonly cpuMs: number;
      /** Bytes, the most it ever had. */
      readonly peakRss: number;
    }
  | {
      readonly type: 'pull';
      readonly training: number;
      /** Number of this pull, by which its batches and credits are known. */
      readonly pass: number;
      readonly what: BatchPass;
    }
  /** One batch of the pass was taken up: one more may be sent. */
  | { readonly type: 'credit'; readonly pass: number }
  /** No more of this pass is wanted. */
  | { readonly type: 'pass-dropped'; readonly pass: number }
  | { readonly type: 'report'; readonly training: number; readonly report: TrainReport }
  | { readonly type: 'train-failed'; readonly training: number; readonly failure: FailureMessage }
  | {
      readonly type: 'answer';
      readonly request: number;
      readonly answer: Answers[keyof Answers];
    }
  | {
      readonly type: 'request-failed';
      readonly request: number;
      readonly failure: FailureMessage;
    };

export interface FailureMessage {
  readonly code: ComputeFailure['code'];
  readonly message: string;
}

/** Batches that may wait in the compute process. */
export const creditsPerPass = 2;
