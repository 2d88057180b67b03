import type { TrainReason } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import { sha256 } from '../../operators/fingerprint.js';
import type { Settings } from '../../settings/options.js';
import type { Resumable } from '../../store/checkpoints.js';
import { cleanedOf, type LeftOutPair } from './clean-labels.js';
import { type EnsemblePlan, ensembleSplits, planMembers } from './plan-ensemble.js';
import { startOf } from './start-of-training.js';
import type { TrainingInHand } from './training-context.js';
import { pairsOf, type TrainingSplit } from './training-split.js';
import type { Beginning, TrainingTask } from './training-task.js';

/** One model, or several whose mean predicts. */
export type TrainingPlan = { readonly type: 'single'; readonly task: TrainingTask } | EnsemblePlan;

/** What there is to go on from. */
export interface StartingPoints {
  readonly current: ModelCard | null;
  readonly checkpoint: Resumable | null;
}

/** What is trained, where, and what it begins with. An ensemble's models always begin anew. */
export async function planTraining(
  split: TrainingSplit,
  leftOut: readonly LeftOutPair[],
  reason: TrainReason,
  from: StartingPoints,
  context: TrainingInHand,
): Promise<TrainingPlan> {
  const { registry, repetition, settings, recipe, now = () => new Date() } = context;
  const task = {
    // Run ids begin with the time: of two, one can tell the later.
    runId: runIdOf(now()),
    reason,
    seed: settings.seed,
    fold: { index: repetition?.model.fold.index ?? 0, count: settings.folds },
  };
  const splits = ensembleSplits(pairsOf(split), recipe.models);
  if (splits.length > 0) {
    const ensemble = await registry.beginEnsemble(ensembleFingerprint(split, context), task.runId);
    return planMembers(splits, leftOut, { ...task, ...ensemble });
  }
  return {
    type: 'single',
    task: {
      ...task,
      split,
      cleaned: cleanedOf(split.training, leftOut),
      beginning: beginningOf(from, split, context),
      folder: registry.folder,
    },
  };
}

export function runIdOf(time: Date): string {
  return time.toISOString().replaceAll(/[-:.]/g, '');
}

/** Epochs of a training that goes on from a model. */
export function retrainEpochsOf({
  epochs,
  retrainEpochs,
}: Pick<Settings, 'epochs' | 'retrainEpochs'>): number {
  return retrainEpochs ?? Math.ceil(epochs / 2);
}

function beginningOf(
  { checkpoint, current }: StartingPoints,
  split: TrainingSplit,
  { repetition, settings, startFrom }: TrainingInHand,
): Beginning {
  const isOfAnother = startFrom !== undefined && checkpoint?.startedFrom !== startFrom.modelId;
  if (checkpoint !== null && !isOfAnother) return { type: 'checkpoint', checkpoint };
  if (startFrom !== undefined) {
    return { type: 'model', model: startFrom, epochs: retrainEpochsOf(settings) };
  }
  const start =
    repetition === undefined
      ? startOf(current, split, settings)
      : { from: repetition.startFrom, why: null };
  return start.from === null
    ? { type: 'anew', why: start.why }
    : { type: 'model', model: start.from, epochs: retrainEpochsOf(settings) };
}

function ensembleFingerprint(
  { fingerprint }: TrainingSplit,
  { recipe, settings }: TrainingInHand,
): string {
  const { size, batchSize, epochs, seed, folds } = settings;
  return sha256(JSON.stringify([fingerprint, recipe, size, batchSize, epochs, seed, folds]));
}
