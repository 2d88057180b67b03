import type { TrainingRun } from '../../compute.js';
import { Learner } from './learner.js';
import { continuedPosition, firstPosition } from './position.js';
import { readResumable } from './resume.js';
import { type FinalReport, type TrainingContext, TrainingUnderWay } from './training-under-way.js';

/**
 * One training from its first step, or from a checkpoint, to its end or interruption; the last
 * report is both sent and returned. Rejects with a `ComputeFailure` for what can be expected.
 */
export async function runTraining(
  run: TrainingRun,
  context: TrainingContext,
): Promise<FinalReport> {
  const training = await begin(run, context);
  try {
    while (training.goesOn) {
      const pace = await training.takeSteps();
      const validation = await training.validate();
      if (context.interrupted.aborted) return await training.interrupted();
      await training.endEpoch(pace, validation);
    }
    return training.done();
  } finally {
    training.dispose();
  }
}

async function begin(run: TrainingRun, context: TrainingContext): Promise<TrainingUnderWay> {
  const { scheduler } = context;
  if (run.resumeFrom === undefined) {
    const learner = await scheduler.run('train', () => Learner.create(run));
    return new TrainingUnderWay(run, context, learner, firstPosition(run), null);
  }
  const { folder, checkpoint, insteadOf } = await readResumable(run, run.resumeFrom);
  if (insteadOf !== null) context.report({ type: 'fell-back', why: insteadOf });
  const learner = await scheduler.run('train', () => Learner.restore(run, checkpoint));
  const position = continuedPosition(checkpoint.position, run);
  return new TrainingUnderWay(run, context, learner, position, folder);
}
