import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { ComputeFailure, type TrainReport } from '../../compute/compute.js';
import { doubtsOfSet } from '../../labels/doubts.js';
import type { ModelCard } from '../../model/card.js';
import { ModelRegistry } from '../../store/model-registry.js';
import { hasForeground } from './any-foreground.js';
import { batchSource, validationOrder } from './batches.js';
import type { ModelTraining } from './training-context.js';
import { eventsOfReport, eventsOfStart } from './training-events.js';
import { trainingRunOf } from './training-run.js';
import { pairsOf } from './training-split.js';
import type { TrainingTask } from './training-task.js';
import type { ValidatedModel } from './tune-on.js';

/** What a training came to, be it one model or several whose mean predicts. */
export interface TrainedModel {
  readonly card: ModelCard;
  readonly folder: string;
  /** The figure that its best epoch was chosen by. */
  readonly best: number;
  readonly bestEpoch: number;
  /** 0 where an earlier run did it. */
  readonly trainedMs: number;
  /** The models that were trained, each with the samples that it has not learnt from. */
  readonly validated: readonly ValidatedModel[];
}

/** Each leaves out what the one before could not begin with. */
const attempts = 3;

/**
 * Trains one model to its end: the only way to do so, whoever asks. Null when interrupted; what is
 * needed to go on is saved then. Rejects as `Compute.train` does.
 *
 * @param offer hears of each model that is saved because it is the best so far
 */
export async function trainModel(
  task: TrainingTask,
  training: ModelTraining,
  offer: (bestSoFar: ModelCard) => void = () => {},
): Promise<TrainedModel | null> {
  for (let attempted = task, attempt = 1; ; attempt++) {
    try {
      return await attemptToTrain(attempted, training, offer);
    } catch (error) {
      if (attempt === attempts || !liesInBeginning(error)) throw error;
      if (error.code === 'MODEL_UNREADABLE')
        await new ModelRegistry(task.folder).forgetInterrupted();
      // Under a name of its own: what this attempt has saved are no epochs of the next one.
      const runId = `${task.runId}-${attempt + 1}`;
      attempted = { ...task, runId, beginning: { type: 'anew', why: error.message } };
    }
  }
}

async function attemptToTrain(
  task: TrainingTask,
  { catalog, compute, emit, stopping, ...given }: ModelTraining,
  offer: (bestSoFar: ModelCard) => void,
): Promise<TrainedModel | null> {
  const { cleaned, folder, split } = task;
  const run = await trainingRunOf(task, { catalog, ...given });
  // There was nothing to interrupt yet.
  if (stopping.aborted) return null;
  for (const event of eventsOfStart(task, run)) emit(event);
  if (!(await hasForeground(catalog, pairsOf(split)))) {
    for (const doubt of doubtsOfSet({ pairs: pairsOf(split).length, positive: 0 })) {
      emit({ type: 'notice', level: 'error', ...doubt });
    }
  }
  const samples = { training: cleaned.kept, validation: split.validation };
  const validationIds = validationOrder(samples);
  const hear = (report: TrainReport) => {
    for (const event of eventsOfReport(report, run, validationIds)) emit(event);
    if (report.type === 'epoch' && report.savedModel !== null) offer(report.savedModel);
  };
  const batches = batchSource(catalog.cache, samples, run);
  const last = await lastValueFrom(compute.train(run, batches).pipe(tap(hear)));
  if (last.type !== 'done') return null;
  const { model: card, best, bestEpoch, ms: trainedMs } = last;
  const model = join(folder, card.folder);
  const validated = [{ folder: model, validation: split.validation }];
  return { card, folder: model, best, bestEpoch, trainedMs, validated };
}

/** Whether it may go better without what it began with. */
function liesInBeginning(error: unknown): error is ComputeFailure {
  return (
    error instanceof ComputeFailure &&
    (error.code === 'START_UNUSABLE' || error.code === 'MODEL_UNREADABLE')
  );
}

/** The figure that the best epoch of a model is chosen by. */
export function bestOf({ metrics }: Pick<ModelCard, 'metrics'>): number {
  return metrics.validationDice ?? metrics.trainDice;
}
