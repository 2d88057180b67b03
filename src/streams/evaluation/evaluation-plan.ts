import type { Recipe } from '../../model/recipe.js';
import { dataFingerprint, sha256 } from '../../operators/fingerprint.js';
import { compareNaturally } from '../../operators/natural-order.js';
import type { Subject } from '../../operators/subject-folds.js';
import { crossValidationRounds, foldOf } from '../../operators/subject-folds.js';
import type { Settings } from '../../settings/options.js';
import type { SampleRecord } from '../../store/records.js';
import { subjectOf } from '../training/training-split.js';

/** Raise it when the same data and settings begin to give other figures. */
const evaluationVersion = 1;

/** One round: a model is trained without the held-out subjects, then scored on them alone. */
export interface EvaluationFold {
  /** 1-based, of the folds that hold a subject. */
  readonly number: number;
  /** Ascending. */
  readonly subjects: readonly (number | string)[];
  readonly heldOut: readonly SampleRecord[];
  readonly training: readonly SampleRecord[];
  /** Of other subjects again: chooses the epoch and tunes the post-processing. */
  readonly validation: readonly SampleRecord[];
}

export interface EvaluationPlan {
  /** Of all that decides the figures but the seed. */
  readonly fingerprint: string;
  readonly subjects: number;
  readonly folds: readonly EvaluationFold[];
  /** 1-based numbers of the folds into which the hash puts nobody. */
  readonly emptyFolds: readonly number[];
}

export type EvaluationSettings = Pick<
  Settings,
  'size' | 'batchSize' | 'epochs' | 'folds' | 'precision'
>;

/**
 * Every subject is held out once. Of the others one in `--folds` validates, beginning with the next
 * fold's, so that a fold's model is made as `train` makes one, of the other subjects alone. Null
 * below two subjects.
 */
export function planEvaluation(
  pairs: readonly SampleRecord[],
  recipe: Recipe,
  settings: EvaluationSettings,
  version: string,
): EvaluationPlan | null {
  const subjects = new Set(pairs.map(subjectOf));
  const rounds = crossValidationRounds(subjects, settings.folds);
  if (rounds.length < 2) return null;
  const ofSubjects = (chosen: ReadonlySet<Subject>) =>
    pairs.filter((pair) => chosen.has(subjectOf(pair)));
  const folds = rounds.map((held, index): EvaluationFold => {
    const others = [...rounds.slice(index + 1), ...rounds.slice(0, index)].flatMap(ascending);
    const validating = new Set(others.slice(0, Math.round(others.length / settings.folds) || 1));
    // A single one is needed for training.
    if (validating.size === others.length) validating.clear();
    return {
      number: index + 1,
      subjects: ascending(held),
      heldOut: ofSubjects(held),
      training: ofSubjects(new Set(others.filter((subject) => !validating.has(subject)))),
      validation: ofSubjects(validating),
    };
  });
  const { summary: _, ...ingredients } = recipe;
  const { size, batchSize, epochs, precision } = settings;
  const decisive = [ingredients, size, batchSize, epochs, settings.folds, precision];
  return {
    fingerprint: sha256(
      JSON.stringify(['evaluation', evaluationVersion, version, dataFingerprint(pairs), decisive]),
    ),
    subjects: subjects.size,
    folds,
    emptyFolds: emptyFolds(subjects, settings.folds),
  };
}

function emptyFolds(subjects: ReadonlySet<Subject>, folds: number): number[] {
  const filled = new Set([...subjects].map((subject) => foldOf(subject, folds)));
  return Array.from({ length: folds }, (_, fold) => fold)
    .filter((fold) => !filled.has(fold))
    .map((fold) => fold + 1);
}

function ascending(subjects: Iterable<Subject>): Subject[] {
  return [...subjects].sort(compareNaturally);
}
