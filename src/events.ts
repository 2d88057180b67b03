import type { AuditEvent } from './events/audit.js';
import type { ComputeEvent, SystemEvent } from './events/compute.js';
import type { EvaluationEvent } from './events/evaluation.js';
import type { ExportEvent } from './events/exports.js';
import type { ItemEvent } from './events/items.js';
import type {
  ModelChangedEvent,
  ModelEvent,
  ModelServingEvent,
  ModelTunedEvent,
} from './events/models.js';
import type { PreviewEvent } from './events/preview.js';
import type {
  CaughtUpEvent,
  NoticeEvent,
  PausedEvent,
  ReadyEvent,
  StagesEvent,
  StoppedEvent,
  WebListeningEvent,
} from './events/program.js';
import type {
  MeasurementsWrittenEvent,
  SubmissionUnchangedEvent,
  SubmissionWrittenEvent,
} from './events/submission.js';
import type { TrainCleanedEvent, TrainEvent } from './events/training.js';

export type * from './events/agreement.js';
export type * from './events/audit.js';
export type * from './events/compute.js';
export type * from './events/evaluation.js';
export type * from './events/exports.js';
export type * from './events/items.js';
export type * from './events/models.js';
export type * from './events/preview.js';
export type * from './events/program.js';
export type * from './events/submission.js';
export type * from './events/training.js';

/**
 * Everything that happens, as one typed stream. The dashboard, the plain log and `--json` are
 * three readers of it; nothing else prints. Other programs rely on the names and fields here:
 * add, never rename.
 */
export type PipelineEvent =
  | ReadyEvent
  | NoticeEvent
  | WebListeningEvent
  | StagesEvent
  | PausedEvent
  | ComputeEvent
  | ItemEvent
  | TrainEvent
  | TrainCleanedEvent
  | ModelTunedEvent
  | ModelServingEvent
  | ModelChangedEvent
  | AuditEvent
  | ModelEvent
  | PreviewEvent
  | SystemEvent
  | SubmissionWrittenEvent
  | SubmissionUnchangedEvent
  | MeasurementsWrittenEvent
  | ExportEvent
  | EvaluationEvent
  | CaughtUpEvent
  | StoppedEvent;

/** The event of one type: `EventOf<'train.step'>`. */
export type EventOf<Type extends PipelineEvent['type']> = Extract<PipelineEvent, { type: Type }>;
