import type { TrainingRun, TrainReport } from '../../compute/compute.js';
import type { PipelineEvent } from '../../events.js';
import type { ResumableLook } from '../../store/checkpoints.js';

/** What the compute process reports of a training, as everybody is told it; `done` is the caller's to tell. */
export function trainingEvents(
  report: TrainReport,
  { epochs }: Pick<TrainingRun, 'epochs'>,
): PipelineEvent[] {
  switch (report.type) {
    case 'fell-back':
      return [checkpointDamaged(report.why, 'before')];
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

/** @param goesOnFrom the checkpoint before the damaged one, or nothing: it begins anew */
export function checkpointDamaged(why: string, goesOnFrom: 'before' | 'nothing'): PipelineEvent {
  const then =
    goesOnFrom === 'before'
      ? 'the training goes on from the checkpoint before it'
      : 'no checkpoint is left, the training begins anew';
  const message = `${why}; ${then}`;
  return { type: 'notice', level: 'warning', code: 'CHECKPOINT_DAMAGED', message };
}

/** What is to be said of an interrupted training that was looked for; nothing where all is well. */
export function resumableEvents(look: ResumableLook): PipelineEvent[] {
  switch (look.state) {
    case 'none':
      return [];
    case 'found':
      return look.insteadOf === null ? [] : [checkpointDamaged(look.insteadOf, 'before')];
    case 'damaged':
      return [checkpointDamaged(look.why, 'nothing')];
  }
}
