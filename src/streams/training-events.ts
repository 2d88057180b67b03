import type { TrainingRun, TrainReport } from '../compute/compute.js';
import type { PipelineEvent } from '../events.js';

/** What the compute process reports of a training, as everybody is told it; `done` is the caller's to tell. */
export function trainingEvents(
  report: TrainReport,
  { epochs }: Pick<TrainingRun, 'epochs'>,
): PipelineEvent[] {
  switch (report.type) {
    case 'step':
      return [{ ...report, type: 'train.step', epochs }];
    case 'epoch': {
      const { savedModel: _, samples: __, validationEmptyShare, ...figures } = report;
      const share = typeof validationEmptyShare === 'number' && { validationEmptyShare };
      return [{ ...figures, type: 'train.epoch', epochs, ...share }];
    }
    case 'interrupted': {
      const { epoch, step, checkpoint } = report;
      return [{ type: 'train.interrupted', epoch, step, resumable: checkpoint !== null }];
    }
    case 'done':
      return [];
  }
}
