import { join } from 'node:path';
import { crossValidationRounds } from '../../operators/fold.js';
import type { MaskPrior } from '../../operators/mask-prior.js';
import { readBest, setPointer } from '../../store/checkpoints.js';
import { describe, readVoters, saveVote, type Voter } from '../../store/models.js';
import type { SampleRecord } from '../../store/records.js';
import type { RunSamples } from './batches.js';
import {
  type TrainedFolder,
  type TrainingMeans,
  type TrainingTask,
  trainToEnd,
} from './train-to-end.js';
import { maskPriorOfSamples } from './training-inputs.js';
import { subjectOf } from './training-plan.js';
import type { ValidatedModel } from './tune-on.js';
import { voteCard } from './vote-card.js';

/** What a recipe makes of samples: one model, or several that vote in one. */
export interface TrainedRecipe extends TrainedFolder {
  /** The models that were trained, each with the samples that it has not learnt from. */
  readonly models: readonly ValidatedModel[];
}

/**
 * Trains as the recipe says. With `models` above 1 the task's own split does not count: each model
 * leaves another fold of all its subjects to validation, as far as the hash fills that many folds,
 * and a model in which they vote is written beside them. Null when interrupted; what is finished is
 * not done again.
 */
export async function trainRecipe(
  task: TrainingTask,
  means: TrainingMeans,
): Promise<TrainedRecipe | null> {
  const tasks = votersOf(task, means.recipe.models);
  if (tasks.length === 0) {
    const trained = await trainToEnd(task, means);
    if (trained === null) return null;
    return { ...trained, models: [{ folder: trained.folder, validation: task.validation }] };
  }
  const trained: TrainedFolder[] = [];
  for (const voter of tasks) {
    const one = await trainToEnd(voter, means);
    if (one === null) return null;
    trained.push(one);
  }
  return {
    folder: await voteOf(trained, task, means),
    bestEpoch: Math.max(...trained.map(({ bestEpoch }) => bestEpoch)),
    trainedMs: trained.reduce((sum, { trainedMs }) => sum + trainedMs, 0),
    models: trained.map(({ folder }, index) => ({ folder, validation: tasks[index]!.validation })),
  };
}

/** Who learns and who validates in each of several models; none below two filled folds. */
export function voterSplits(samples: readonly SampleRecord[], models: number): RunSamples[] {
  if (models < 2) return [];
  const rounds = crossValidationRounds(samples.map(subjectOf), models);
  if (rounds.length < 2) return [];
  return rounds.map((round) => ({
    training: samples.filter((sample) => !round.has(subjectOf(sample))),
    validation: samples.filter((sample) => round.has(subjectOf(sample))),
  }));
}

function votersOf(task: TrainingTask, models: number): TrainingTask[] {
  const splits = voterSplits([...task.training, ...task.validation], models);
  return splits.map((split, index) => ({
    ...split,
    runId: `${task.runId}-v${index + 1}`,
    seed: task.seed,
    reason: task.reason,
    fold: { index, count: splits.length },
    folder: join(task.folder, `voter-${index + 1}`),
  }));
}

async function voteOf(
  trained: readonly TrainedFolder[],
  task: TrainingTask,
  means: TrainingMeans,
): Promise<string> {
  const standing = await readBest(task.folder);
  if (standing.status === 'found') return standing.value.folder;
  const voters = await readAllVoters(trained.map(({ folder }) => folder));
  const samples = [...task.training, ...task.validation];
  const maskPrior = await votePrior(samples, means);
  const card = voteCard(task.runId, voters, samples, maskPrior);
  await saveVote(task.folder, card, voters, maskPrior);
  const folder = join(task.folder, card.folder);
  await setPointer(task.folder, 'best', folder);
  return folder;
}

/**
 * The one prior of a vote, of all masks that any of its models has learnt from. Nothing may be tuned
 * with it on these very samples: a model's own leaves out those that it has not learnt from.
 *
 * @param samples all that its models have learnt from, before cleaning
 */
export async function votePrior(
  samples: readonly SampleRecord[],
  {
    catalog,
    cleaning,
    settings,
    recipe,
  }: Pick<TrainingMeans, 'catalog' | 'cleaning' | 'recipe'> & {
    readonly settings: Pick<TrainingMeans['settings'], 'size'>;
  },
): Promise<MaskPrior | null> {
  const { kept } = await cleaning.clean(samples, settings.size, recipe.cleaning);
  return await maskPriorOfSamples(catalog, kept);
}

/** Of votes, those who vote in them. Rejects with the code `MODEL_UNREADABLE`. */
export async function readAllVoters(folders: readonly string[]): Promise<Voter[]> {
  const voters: Voter[] = [];
  for (const folder of folders) {
    const read = await readVoters(folder);
    if (read.status !== 'found') {
      throw Object.assign(new Error(describe(read)), { code: 'MODEL_UNREADABLE' });
    }
    voters.push(...read.value.voters);
  }
  return voters;
}
