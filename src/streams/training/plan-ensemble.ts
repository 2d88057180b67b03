import { join } from 'node:path';
import { crossValidationRounds } from '../../operators/subject-folds.js';
import type { SampleRecord } from '../../store/records.js';
import { cleanedOf, type LeftOutPair } from './clean-labels.js';
import {
  pairsOf,
  type RunSamples,
  splitOf,
  subjectOf,
  type TrainingSplit,
} from './training-split.js';
import type { TrainingTask } from './training-task.js';

/** Several models whose mean predicts, each trained without another fold of the subjects. */
export interface EnsemblePlan {
  readonly type: 'ensemble';
  readonly runId: string;
  /** Of this ensemble alone: its members are trained in there, and it is put together in there. */
  readonly folder: string;
  /** All that its members learn from. */
  readonly pairs: readonly SampleRecord[];
  readonly members: readonly TrainingTask[];
}

/** Who learns and who validates in each of several models; none below two filled folds. */
export function ensembleSplits(pairs: readonly SampleRecord[], models: number): TrainingSplit[] {
  if (models < 2) return [];
  const rounds = crossValidationRounds(pairs.map(subjectOf), models);
  if (rounds.length < 2) return [];
  return rounds.map((round) =>
    splitOf({
      training: pairs.filter((pair) => !round.has(subjectOf(pair))),
      validation: pairs.filter((pair) => round.has(subjectOf(pair))),
    }),
  );
}

/** The pairs that something is learnt from: all of them where each model leaves out others. */
export function pairsToLearnFrom(split: RunSamples, models: number): readonly SampleRecord[] {
  const pairs = pairsOf(split);
  return ensembleSplits(pairs, models).length > 0 ? pairs : split.training;
}

/** @param leftOut of all pairs */
export function planMembers(
  splits: readonly TrainingSplit[],
  leftOut: readonly LeftOutPair[],
  { runId, seed, reason, folder }: Pick<TrainingTask, 'runId' | 'seed' | 'reason' | 'folder'>,
): EnsemblePlan {
  const members = splits.map((split, index) => ({
    runId: `${runId}-v${index + 1}`,
    reason,
    seed,
    split,
    cleaned: cleanedOf(split.training, leftOut),
    fold: { index, count: splits.length },
    beginning: { type: 'anew', why: null } as const,
    // The name that earlier versions gave: an interrupted one goes on.
    folder: join(folder, `voter-${index + 1}`),
  }));
  return { type: 'ensemble', runId, folder, pairs: pairsOf(splits[0]!), members };
}
