import type { TrainingRun, TrainReport } from '../../compute/compute.js';
import type { LeftOutReason, PipelineEvent, TrainCleanedEvent } from '../../events.js';
import type { ResumableLook } from '../../store/checkpoints.js';
import type { CleanedSamples } from './clean-labels.js';
import type { Beginning, TrainingTask } from './training-task.js';

/** What is told of a training that begins now. */
export function eventsOfStart(
  { beginning, reason, split, cleaned }: TrainingTask,
  run: TrainingRun,
): PipelineEvent[] {
  const { runId, pairs, validationPairs, epochs, startFrom } = run;
  return [
    ...anewNotice(beginning),
    {
      type: 'train.started',
      runId,
      pairs,
      validationPairs,
      subjects: split.subjects,
      recipe: run.recipe.name,
      epochs,
      reason,
      ...(startFrom && { startedFrom: startFrom.modelId }),
    },
    ...(cleaned.leftOut.length > 0 ? [cleanedEvent(runId, cleaned)] : []),
  ];
}

/**
 * What the compute process reports of a training, as everybody is told it; `done` is the caller's to
 * tell.
 *
 * @param validationIds in the order in which they are validated
 */
export function eventsOfReport(
  report: TrainReport,
  { epochs }: Pick<TrainingRun, 'epochs'>,
  validationIds: readonly string[],
): PipelineEvent[] {
  switch (report.type) {
    case 'fell-back':
      return [checkpointDamaged(report.why, 'before')];
    case 'step':
      return [{ ...report, type: 'train.step', epochs }];
    case 'epoch': {
      const { savedModel: _, samples = [], validationEmptyShare, ...figures } = report;
      const share = typeof validationEmptyShare === 'number' && { validationEmptyShare };
      const previews = samples.flatMap(({ index, ...sample }): PipelineEvent[] => {
        const id = validationIds[index];
        if (id === undefined) return [];
        return [{ type: 'preview', id, split: 'train', epoch: report.epoch, ...sample }];
      });
      return [{ ...figures, type: 'train.epoch', epochs, ...share }, ...previews];
    }
    case 'interrupted': {
      const { epoch, step, checkpoint } = report;
      return [{ type: 'train.interrupted', epoch, step, resumable: checkpoint !== null }];
    }
    case 'done':
      return [];
  }
}

/** Why a training does not go on from what is there; nothing where that is no news. */
function anewNotice(beginning: Beginning): PipelineEvent[] {
  if (beginning.type !== 'anew' || beginning.why === null) return [];
  const message = `The training begins anew: ${beginning.why}.`;
  return [{ type: 'notice', level: 'info', code: 'TRAINED_ANEW', message }];
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

/** @param goesOnFrom the checkpoint before the damaged one, or nothing: it begins anew */
function checkpointDamaged(why: string, goesOnFrom: 'before' | 'nothing'): PipelineEvent {
  const then =
    goesOnFrom === 'before'
      ? 'the training goes on from the checkpoint before it'
      : 'no checkpoint is left, the training begins anew';
  const message = `${why}; ${then}`;
  return { type: 'notice', level: 'warning', code: 'CHECKPOINT_DAMAGED', message };
}

function cleanedEvent(runId: string, { kept, leftOut }: CleanedSamples): TrainCleanedEvent {
  const count = (reason: LeftOutReason): number =>
    leftOut.filter((pair) => pair.reason === reason).length;
  return {
    type: 'train.cleaned',
    runId,
    pairs: kept.length + leftOut.length,
    leftOut: leftOut.length,
    reasons: {
      'empty-against-outlined': count('empty-against-outlined'),
      'outlined-against-empty': count('outlined-against-empty'),
      'outline-elsewhere': count('outline-elsewhere'),
    },
    ids: leftOut.map(({ id }) => id),
  };
}
