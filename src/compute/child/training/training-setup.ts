import type { ModelCard } from '../../../model/card.js';
import type { BatchPass, PairBatch, TrainReport } from '../../compute.js';
import type { DeviceScheduler } from '../device-scheduler.js';

export type FinalReport = Extract<TrainReport, { type: 'done' | 'interrupted' }>;

export interface TrainingContext {
  readonly scheduler: DeviceScheduler;
  /** One pass over the data; ends early when `interrupted` fires. */
  pull(pass: BatchPass): AsyncIterable<PairBatch>;
  report(report: TrainReport): void;
  readonly interrupted: AbortSignal;
  readonly device: Pick<ModelCard, 'backend' | 'precision' | 'threads'>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}
