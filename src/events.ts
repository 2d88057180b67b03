/**
 * Everything that happens, as one typed stream. The dashboard, the plain log and `--json` are
 * three readers of it; nothing else prints. Other programs rely on the names and fields here:
 * add, never rename.
 */
export type PipelineEvent =
  | ReadyEvent
  | NoticeEvent
  | StagesEvent
  | PausedEvent
  | ComputeEvent
  | ItemEvent
  | TrainEvent
  | TrainCleanedEvent
  | ModelTunedEvent
  | ModelServingEvent
  | AuditEvent
  | ModelEvent
  | PreviewEvent
  | SystemEvent
  | SubmissionWrittenEvent
  | SubmissionUnchangedEvent
  | EvaluationEvent
  | CaughtUpEvent
  | StoppedEvent;

export type Split = 'train' | 'test';

export type BackendName = 'tensorflow' | 'webgpu' | 'onednn' | 'wasm' | 'cpu';

/** Where on its way an item was when something happened to it. */
export type Stage =
  | 'watch'
  | 'settle'
  | 'decode'
  | 'resize'
  | 'pair'
  | 'cache'
  | 'train'
  | 'predict'
  | 'mask'
  | 'submission';

/** Why a rung of the backend ladder was not taken. */
export interface SkippedBackend {
  readonly backend: BackendName;
  readonly reason: string;
}

/**
 * The program can work: store open, backend chosen. The first event, but for `watch`, which takes in
 * files, and may begin a training, while a backend is still being looked for.
 */
export interface ReadyEvent {
  readonly type: 'ready';
  /** null for commands that compute nothing (`ingest`). */
  readonly backend: BackendName | null;
  /** For people, e.g. `AMD EPYC 9B14, 2 threads`. */
  readonly device: string;
  readonly threads: number;
  readonly raw: string;
  readonly store: string;
  readonly version: string;
  readonly skipped: readonly SkippedBackend[];
}

/** Something a person should know that concerns no single item. */
export interface NoticeEvent {
  readonly type: 'notice';
  readonly level: 'info' | 'warning' | 'error';
  /** Stable, e.g. `INOTIFY_LIMIT`, `FILES_IGNORED`. */
  readonly code: string;
  readonly message: string;
}

/** What one stage holds at this moment. */
export interface StageLoad {
  readonly queued: number;
  readonly inFlight: number;
  /** Held back by something outside: still being written, or its partner file is missing. */
  readonly waiting: number;
}

export type GaugedStage = 'settle' | 'ingest' | 'pair' | 'predict';

/** Sampled a few times a second while anything moves; counts, never items. */
export interface StagesEvent {
  readonly type: 'stages';
  readonly stages: Readonly<Record<GaugedStage, StageLoad>>;
  /** Files seen under raw/ whose names are not ours. */
  readonly ignored: number;
}

export interface PausedEvent {
  readonly type: 'paused';
  readonly paused: boolean;
}

/** The compute process: it may die and come back without taking the program with it. */
export interface ComputeEvent {
  readonly type: 'compute';
  readonly state: 'starting' | 'ready' | 'restarting' | 'failed';
  readonly backend: BackendName | null;
  readonly message: string;
  /** Live tensors and their bytes, where known. */
  readonly tensors?: number;
  readonly tensorBytes?: number;
}

export type IngestReason = 'new' | 'changed' | 'mask-changed' | 'settings-changed' | 'cached';
export type PredictReason = 'new' | 'changed' | 'model-changed' | 'settings-changed' | 'requested';

export type ItemEvent =
  | {
      readonly type: 'item.ingested';
      /** Train: `S_N`. Test: `N`. */
      readonly id: string;
      readonly split: Split;
      readonly ms: number;
      readonly reason: IngestReason;
    }
  | {
      /** A train image without its mask, or a mask without its image, so far. */
      readonly type: 'item.waiting';
      readonly id: string;
      readonly split: Split;
      readonly missing: 'image' | 'mask';
    }
  | {
      readonly type: 'item.failed';
      readonly path: string;
      readonly stage: Stage;
      /** Stable, e.g. `DECODE_FAILED`, `TOO_MANY_PIXELS`. */
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'item.removed'; readonly id: string; readonly split: Split }
  | {
      readonly type: 'item.predicted';
      readonly id: string;
      /** Foreground pixels on the original grid. */
      readonly pixels: number;
      readonly ms: number;
      readonly modelId: string;
      readonly reason: PredictReason;
    };

export type TrainReason =
  | 'no-model'
  | 'data-changed'
  | 'settings-changed'
  | 'requested'
  | 'resumed';

/**
 * Two different Dice figures, never confused:
 * - `...Dice` is the tutorial's: soft, smooth = 1, over the flattened batch, averaged over batches;
 * - `...ImageDice` is Kaggle's: per image, thresholded, empty against empty is 1, averaged over images.
 */
export type TrainEvent =
  | {
      readonly type: 'train.started';
      readonly runId: string;
      readonly pairs: number;
      readonly validationPairs: number;
      readonly subjects: number;
      readonly recipe: string;
      readonly epochs: number;
      readonly reason: TrainReason;
      /** The model that it goes on from; left out when it begins anew. */
      readonly startedFrom?: string;
    }
  | {
      readonly type: 'train.step';
      readonly epoch: number;
      readonly epochs: number;
      /** 1-based, within the epoch. */
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly batchDice: number;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
    }
  | {
      readonly type: 'train.epoch';
      /** 1-based. */
      readonly epoch: number;
      readonly epochs: number;
      readonly loss: number;
      readonly trainDice: number;
      /** null when there is no validation subject. */
      readonly validationDice: number | null;
      readonly validationImageDice: number | null;
      /**
       * Share of validation masks that are empty: the image Dice of an answer that is always
       * empty. Left out where nothing validates.
       */
      readonly validationEmptyShare?: number;
      /** Best validation Dice of this run so far (train Dice where nothing validates). */
      readonly best: number;
      readonly isBest: boolean;
      readonly imagesPerSecond: number;
      readonly ms: number;
    }
  | {
      readonly type: 'train.done';
      readonly modelId: string;
      readonly best: number;
      readonly bestEpoch: number;
      readonly ms: number;
    }
  | {
      /** Stopped before its end; what it needs to go on is saved when `resumable`. */
      readonly type: 'train.interrupted';
      readonly epoch: number;
      readonly step: number;
      readonly resumable: boolean;
    }
  | {
      readonly type: 'train.failed';
      readonly code: string;
      readonly message: string;
    };

/**
 * Which training pairs a run leaves out, before its first step: their masks contradict those of
 * near-identical images of the same subject. Only where there are any.
 */
export interface TrainCleanedEvent {
  readonly type: 'train.cleaned';
  readonly runId: string;
  /** Training pairs before; validation pairs are never looked at. */
  readonly pairs: number;
  readonly leftOut: number;
  readonly reasons: Readonly<Record<LeftOutReason, number>>;
  readonly ids: readonly string[];
}

/** Why a pair is not trained on; near-identical images of its subject say otherwise. */
export type LeftOutReason =
  /** Its mask is empty, theirs have an outline. */
  | 'empty-against-outlined'
  /** Its mask has an outline, far more of theirs are empty. */
  | 'outlined-against-empty'
  /** Its outline lies elsewhere than theirs. */
  | 'outline-elsewhere';

/** The post-processing that goes with a model just trained, and what it gains on its validation. */
export interface ModelTunedEvent {
  readonly type: 'model.tuned';
  readonly modelId: string;
  /** Validation images. */
  readonly images: number;
  /** Mean image Dice on the network's grid with the recipe's threshold alone, and with these settings. */
  readonly untunedImageDice: number;
  readonly imageDice: number;
  readonly postProcessing: PostProcessingSettings;
}

/** This model predicts from now on: told at the start, too, where one is there already. */
export interface ModelServingEvent {
  readonly type: 'model.serving';
  readonly modelId: string;
  readonly recipe: string;
  /** Training pairs. */
  readonly pairs: number;
  /** Mean over its validation subjects when it was trained; null where there were none. */
  readonly imageDice: number | null;
  /** ISO 8601. */
  readonly trainedAt: string;
  /** An early one of the training that goes on, until that is done: there is no other. */
  readonly isInterim: boolean;
}

/**
 * Which model predicts after a training. Scores are mean image Dice on the network's grid, of both
 * models on the same pairs of today: those of subjects that validated for both, so that neither has
 * learnt from them.
 */
export type ModelEvent =
  | {
      readonly type: 'model.promoted';
      readonly modelId: string;
      /** The model that predicted until now. */
      readonly previous: string | null;
      readonly reason: PromotionReason;
      /** null where the two were not compared. */
      readonly imageDice: number | null;
      readonly previousImageDice: number | null;
      readonly subjects: readonly number[];
      readonly pairs: number;
    }
  | {
      /** The new model is not as good: the old one goes on predicting. */
      readonly type: 'model.kept';
      readonly modelId: string;
      readonly rejected: string;
      readonly imageDice: number;
      readonly rejectedImageDice: number;
      readonly subjects: readonly number[];
      readonly pairs: number;
    };

export type PromotionReason =
  | 'first'
  /** A person asked for it. */
  | 'requested'
  /** Better than the one before, or equal. */
  | 'as-good'
  /** No subject validated for both: there is nothing to compare them on. */
  | 'nothing-in-common'
  /** The one before reads images of another size. */
  | 'size-changed'
  /** The one before cannot be read any more. */
  | 'previous-unreadable';

/** A file of raw/, by its path in there, and the sample that it belongs to. */
export interface AuditedFile {
  readonly id: string;
  readonly split: Split;
  readonly file: string;
}

/** Two near-identical images of one subject and how far their masks agree. */
export interface AuditedPair {
  readonly first: AuditedFile;
  readonly second: AuditedFile;
  /** Of the images, 0..1. */
  readonly similarity: number;
  /** Of the masks, 0..1. */
  readonly dice: number;
}

/** What `nerveflow audit` found in the data. No model is needed for it, and nothing is changed. */
export interface AuditEvent {
  readonly type: 'audit.done';
  /** The grid on which all was looked at, `HEIGHTxWIDTH`. */
  readonly size: string;
  readonly pairs: number;
  readonly testImages: number;
  readonly emptyMasks: number;
  /** Pairs that training leaves out (if they are not validation's), each with what contradicts it. */
  readonly contradictions: readonly {
    readonly reason: LeftOutReason;
    /** What is left out. */
    readonly image: AuditedFile;
    readonly mask: string;
    readonly against: AuditedFile;
    readonly againstMask: string;
    readonly similarity: number;
    readonly dice: number;
  }[];
  /** Near-identical images whose outlines overlap, but not much; nothing is left out for it. */
  readonly partialOverlaps: readonly AuditedPair[];
  /** The same image, or nearly, under two subjects or in train and test: what is held out has been seen. */
  readonly duplicates: readonly {
    readonly kind: 'identical' | 'near-identical';
    readonly first: AuditedFile;
    readonly second: AuditedFile;
    readonly similarity: number;
  }[];
  /** One mask, not empty, under images that are not alike: copied by mistake, perhaps. */
  readonly copiedMasks: readonly { readonly masks: readonly AuditedFile[] }[];
  readonly subjects: readonly {
    readonly subject: number;
    readonly pairs: number;
    readonly empty: number;
    readonly leftOut: number;
    /** Whether it is among those that validate `train`'s models, from which nothing is left out. */
    readonly validates: boolean;
  }[];
  readonly sizes: {
    /** Median area of the masks that are not empty, a share of the image; null where there is none. */
    readonly median: number | null;
    readonly outliers: readonly {
      readonly mask: AuditedFile;
      readonly area: number;
      /** Modified z-score of the area's logarithm. */
      readonly z: number;
    }[];
  };
  readonly atBorder: readonly AuditedFile[];
  readonly inPieces: readonly { readonly mask: AuditedFile; readonly pieces: number }[];
  readonly unpaired: readonly (AuditedFile & { readonly missing: 'image' | 'mask' })[];
  readonly unreadable: readonly {
    readonly file: string;
    readonly code: string;
    readonly message: string;
  }[];
}

/** A small grey image with masks on its grid, as text so that it travels as JSON. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** Base64 of one byte a pixel, row by row. */
  readonly image: string;
  /** Base64 of one bit a pixel, row by row, the first pixel the highest bit of its byte. */
  readonly mask: string;
  /** As `mask`, where the true mask is known. */
  readonly truth?: string;
}

/**
 * What the model sees, for people to look at: an image at the network's size (a large one at less)
 * and the mask it was given. About two a second at most, however many are predicted; not among
 * what `--json` prints.
 */
export interface PreviewEvent {
  readonly type: 'preview';
  readonly id: string;
  readonly split: Split;
  readonly picture: Picture;
  /** Against the truth, on the network's grid; only where that is known. */
  readonly imageDice?: number;
  /** Of the running training, where it validates. */
  readonly epoch?: number;
}

/**
 * What the program costs the machine, every two seconds while somebody may look; not among what
 * `--json` prints. CPU is a share of one core: 1.5 is one and a half.
 */
export interface SystemEvent {
  readonly type: 'system';
  readonly program: ProcessCost;
  /** null before the compute process has told of itself. */
  readonly compute:
    | (ProcessCost & { readonly tensors: number; readonly tensorBytes: number })
    | null;
  /** Bytes left where the store is; null where nobody can tell. */
  readonly diskFree: number | null;
  /** Of the GPU that computes; left out where none does, or it cannot be asked. */
  readonly gpu?: GpuUse;
}

/** What the whole card does, for whomever. */
export interface GpuUse {
  readonly name: string;
  /** Share of the time, 0..1; null where it does not tell. */
  readonly busy: number | null;
  readonly memoryUsed: number | null;
  readonly memoryTotal: number | null;
}

export interface ProcessCost {
  /** null until there are two samples. */
  readonly cpu: number | null;
  readonly rss: number;
}

export interface SubmissionWrittenEvent {
  readonly type: 'submission.written';
  readonly path: string;
  readonly rows: number;
  readonly nonEmpty: number;
}

/** The file of an earlier run still says what is current: told once, after the start. */
export interface SubmissionUnchangedEvent {
  readonly type: 'submission.unchanged';
  readonly path: string;
  readonly rows: number;
  readonly nonEmpty: number;
  /** When it was written, ISO 8601. */
  readonly writtenAt: string;
}

/** Nothing is left to do until a file changes. Counts are since start. */
export interface CaughtUpEvent {
  readonly type: 'caught-up';
  readonly ingested: number;
  readonly cached: number;
  readonly failed: number;
  readonly predicted: number;
  /** Test images that have no current prediction (no model yet, say). */
  readonly pending: number;
  /** Whether it goes on watching; false where the run ends with this. */
  readonly watching: boolean;
}

/**
 * Figures over images whose subject the model has not seen, on the original grid, after
 * post-processing. null where there is nothing to take a mean of.
 */
export interface EvaluationFigures {
  readonly images: number;
  /** Images with a true mask. */
  readonly positives: number;
  /** Kaggle's: mean of the images' own; empty against empty is 1. */
  readonly dice: number;
  /** 95 %, bootstrapped over subjects. */
  readonly diceInterval: { readonly low: number; readonly high: number } | null;
  /** Over images with a true mask alone. */
  readonly positiveDice: number | null;
  readonly iou: number;
  /** Of 'there is a nerve'. */
  readonly precision: number | null;
  readonly recall: number | null;
  /** Pixels; mean over the images where there is a nerve and one was found. */
  readonly hausdorff95: number | null;
  readonly hausdorffImages: number;
}

/** How probabilities become a mask. */
export interface PostProcessingSettings {
  /** How much the shapes of the training masks have a say in the probabilities, 0 to 1. */
  readonly priorWeight: number;
  /** Probability from which a pixel is foreground. */
  readonly threshold: number;
  /** Empty below this probability that there is a nerve; null: no gate. */
  readonly presenceThreshold: number | null;
  /** Smallest component, as a share of the image. */
  readonly leastArea: number;
  readonly fillHoles: boolean;
  /** null: all. */
  readonly largestComponents: number | null;
}

/** A round of the cross-validation; `fold` counts from 1. */
export interface EvaluatedFold {
  readonly seed: number;
  readonly fold: number;
  /** Held out. */
  readonly subjects: readonly number[];
  readonly pairs: number;
  readonly dice: number;
  readonly postProcessing: PostProcessingSettings;
}

export type EvaluationEvent =
  | {
      readonly type: 'evaluation.started';
      readonly fingerprint: string;
      /** Where all of it is kept. */
      readonly folder: string;
      readonly recipe: string;
      readonly epochs: number;
      readonly pairs: number;
      readonly subjects: number;
      /** Rounds of a seed: the folds that hold a subject. */
      readonly folds: number;
      /** Folds into which the hash puts nobody. */
      readonly emptyFolds: readonly number[];
      readonly seeds: readonly number[];
    }
  | {
      /** At the end of an epoch, twice a minute at most. */
      readonly type: 'evaluation.progress';
      readonly seed: number;
      readonly fold: number;
      /** Share of all that has to be trained, 0..1. */
      readonly done: number;
      /** At most; null while nothing is known. */
      readonly msLeft: number | null;
    }
  | (EvaluatedFold & {
      readonly type: 'evaluation.fold';
      /** Finished by an earlier run, and kept. */
      readonly isKept: boolean;
    })
  | {
      readonly type: 'evaluation.done';
      readonly fingerprint: string;
      readonly folder: string;
      readonly recipe: string;
      readonly epochs: number;
      readonly size: string;
      readonly pairs: number;
      readonly subjects: number;
      readonly seeds: readonly number[];
      readonly model: EvaluationFigures;
      /** The same predictions at the recipe's threshold, nothing tuned, nothing cleaned. */
      readonly untuned: EvaluationFigures;
      /** Answering with the thresholded mean of the other subjects' masks. */
      readonly meanMask: EvaluationFigures;
      readonly allEmpty: EvaluationFigures;
      readonly folds: readonly EvaluatedFold[];
      /** Bootstrap resamples behind the intervals. */
      readonly resamples: number;
      /** Standard deviation of the folds' mean Dice. */
      readonly foldSpread: number;
      readonly seedDice: readonly { readonly seed: number; readonly dice: number }[];
      /** Lowest Dice first, averaged over the seeds. */
      readonly worst: readonly { readonly id: string; readonly dice: number }[];
      readonly json: string;
      readonly csv: string;
    }
  | {
      /** A submission against true rows; a row that is missing or malformed counts as an empty mask. */
      readonly type: 'evaluation.scored';
      readonly truth: string;
      readonly submission: string;
      /** True rows without an answer, and answers without a true row. */
      readonly missing: number;
      readonly extra: number;
      /** Lines of either file that could not be read. */
      readonly malformed: number;
      /** Intervals are bootstrapped over images: a test image does not tell its subject. */
      readonly model: EvaluationFigures;
      readonly allEmpty: EvaluationFigures;
      readonly worst: readonly { readonly id: string; readonly dice: number }[];
    };

export interface StoppedEvent {
  readonly type: 'stopped';
  readonly reason: 'done' | 'interrupted' | 'failed';
}

/** Whether an item failed for want of a store that takes it, and not for anything of its own. */
export function isStoreRefusal({ code }: { readonly code: string }): boolean {
  return code === 'DISK_FULL' || code === 'STORE_WRITE_FAILED';
}
