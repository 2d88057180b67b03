import type { Observable } from 'rxjs';
import type { BackendName, EventOf, Picture, SkippedBackend } from '../events.js';
import type { ModelCard } from '../model/card.js';
import type { Recipe } from '../model/recipe.js';
import type { GridSize } from '../operators/image.js';
import type { TrainedOn } from '../store/trained-on.js';

/**
 * What the streams know of training and prediction. The one that works is `ComputeProcess`
 * (a child process); tests put a fake here.
 */
export interface Compute {
  /** Resolves when a backend is chosen; rejects with a `ComputeFailure` when none is usable. */
  start(): Promise<ComputeInfo>;
  /** Restarts, tensor counts and the like; never completes before `close`. */
  readonly health$: Observable<ComputeHealth>;
  /**
   * Runs one training to its end. Batches are pulled from `source`: at most two wait in the
   * compute process. Unsubscribing interrupts like `interrupt()`.
   */
  train(run: TrainingRun, source: BatchSource): Observable<TrainReport>;
  /** Finishes the step in hand, saves what training needs to go on, ends the running `train`. */
  interrupt(): Promise<void>;
  /** Loads a saved model for prediction. The same folder twice loads once. */
  serve(modelFolder: string): Promise<ModelCard>;
  /** Predicts with the served model; slips in between two training steps. */
  predict(images: ImageBatch): Promise<ProbabilityBatch>;
  /**
   * Predicts with another model than the served one, which goes on serving: to compare the two.
   * That model stays loaded until another is asked for or `putAside` is called.
   */
  predictBy(modelFolder: string, images: ImageBatch): Promise<ProbabilityBatch>;
  /** No more is asked of `predictBy`: its model may go. */
  putAside(): void;
  /** Ends the process in an orderly way; safe to call twice. */
  close(): Promise<void>;
}

export interface ComputeInfo {
  readonly backend: BackendName;
  readonly device: string;
  readonly threads: number;
  readonly precision: 'float32' | 'bf16';
  readonly skipped: readonly SkippedBackend[];
}

export type ComputeHealth =
  | { readonly state: 'starting' }
  | { readonly state: 'ready'; readonly info: ComputeInfo }
  | {
      readonly state: 'memory';
      readonly tensors: number;
      readonly tensorBytes: number;
      readonly rss: number;
      /** Processor time since its start. */
      readonly cpuMs?: number;
      readonly peakRss: number;
    }
  | { readonly state: 'restarting'; readonly attempt: number; readonly message: string }
  | { readonly state: 'failed'; readonly code: string; readonly message: string };

/** `count` images of the network's size, uint8 grey, one after the other, row-major. */
export interface ImageBatch {
  readonly count: number;
  readonly images: Uint8Array;
}

/** Images with their masks; a mask pixel is 0 or 1. */
export interface PairBatch extends ImageBatch {
  readonly masks: Uint8Array;
}

/** Probabilities in 0..1 on the network's grid, image after image, row-major. */
export interface ProbabilityBatch {
  readonly count: number;
  readonly probabilities: Float32Array;
  /** Of each image, the probability that there is anything to see; from models that tell it. */
  readonly presence?: Float32Array;
}

export type BatchPass =
  /** `firstStep` is 0-based; above 0 only when an interrupted epoch goes on. */
  | { readonly phase: 'train'; readonly epoch: number; readonly firstStep: number }
  | { readonly phase: 'validate'; readonly epoch: number };

export type BatchSource = (pass: BatchPass) => AsyncIterable<PairBatch>;

export interface TrainingRun {
  readonly runId: string;
  readonly recipe: Recipe;
  readonly size: GridSize;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
  /** Of the training images' pixels scaled to 0..1; saved with the model. */
  readonly normalisation: Normalisation;
  readonly pairs: number;
  readonly validationPairs: number;
  /** Of the samples trained on; an interrupted run goes on exactly where it was only if it is equal. */
  readonly dataFingerprint: string;
  /** The very samples, for the model's folder. */
  readonly trainedOn?: TrainedOn;
  /** Facts for the model's card: which subjects validated, and so on. */
  readonly fold: {
    readonly index: number;
    readonly count: number;
    readonly validationSubjects: readonly (number | string)[];
    /** Every subject that this run or a model it goes back to has been trained on. */
    readonly trainedSubjects?: readonly (number | string)[];
  };
  /** The model whose weights it starts from; a new one's where left out. */
  readonly startFrom?: { readonly modelId: string; readonly folder: string };
  /** Folder under which model folders are written whole and renamed into place. */
  readonly modelsFolder: string;
  /** Goes on from this checkpoint's weights, optimizer and position. */
  readonly resumeFrom?: string;
}

export interface Normalisation {
  readonly mean: number;
  readonly std: number;
}

/** One validation image with what the network made of it; `index` is its place in the pass. */
export interface ValidationSample {
  readonly index: number;
  readonly imageDice: number;
  readonly picture: Picture;
}

export type TrainReport =
  /** It goes on from the checkpoint before the one it was to go on from. */
  | { readonly type: 'fell-back'; readonly why: string }
  | ({ readonly type: 'step' } & Omit<EventOf<'train.step'>, 'type' | 'epochs'>)
  | (Omit<EventOf<'train.epoch'>, 'type' | 'epochs' | 'validationEmptyShare'> & {
      readonly type: 'epoch';
      /** Folder of the model just saved when this epoch is the best so far. */
      readonly savedModel: ModelCard | null;
      /** Image Dice of answering "empty" throughout; null where nothing validates. */
      readonly validationEmptyShare?: number | null;
      /** Some validation images to look at; not with every epoch where those are quick. */
      readonly samples?: readonly ValidationSample[];
    })
  | {
      readonly type: 'done';
      readonly model: ModelCard;
      readonly best: number;
      readonly bestEpoch: number;
      readonly ms: number;
    }
  | {
      readonly type: 'interrupted';
      readonly epoch: number;
      readonly step: number;
      readonly checkpoint: string | null;
    };

/** An expected failure of the compute process, as a value with a stable code. */
export class ComputeFailure extends Error {
  constructor(
    readonly code:
      | 'NO_BACKEND'
      | 'BACKEND_UNUSABLE'
      | 'COMPUTE_DIED'
      | 'COMPUTE_HUNG'
      | 'OUT_OF_MEMORY'
      | 'MODEL_UNREADABLE'
      | 'START_UNUSABLE'
      | 'LOSS_NOT_FINITE'
      | 'CHECKPOINT_NOT_WRITTEN',
    message: string,
  ) {
    super(message);
    this.name = 'ComputeFailure';
  }
}
