import { createHash } from 'node:crypto';
import { compareNaturally } from './natural-order.js';

/** Whom images show: a number in Kaggle's layout, a text in others. */
export type Subject = number | string;

/**
 * The fold, 0..folds-1, of a subject, by hash of its number alone: the same forever, whatever other
 * subjects there are, so no image ever moves between training and validation when data is added.
 *
 * Among many salts this one was taken because it deals subjects 1, 2, 3, ... (to Kaggle's 47)
 * evenly into 5 folds from the first few on.
 */
export function foldOf(subject: Subject, folds: number): number {
  const digest = createHash('sha256').update(`nerveflow fold 18567 subject ${subject}`).digest();
  return digest.readUInt32BE(0) % folds;
}

/** Fold `fold` of `folds` validates, the others train. */
export interface Fold {
  readonly folds: number;
  readonly fold: number;
}

/**
 * The subjects whose images validate: those that `foldOf` puts into the fold. A subject never
 * moves when subjects are added, as long as the hash puts at least one subject into the fold and
 * one outside it. Until then:
 *
 * - no subject, or a single one: nothing validates (the caller falls back on the training Dice);
 * - none in the fold: the subject whose hash comes first stands in;
 * - all in the fold: the subject whose hash comes first trains.
 *
 * So from two subjects on, both sides have one, and the stand-in moves at most while such a small
 * data set grows.
 */
export function validationSubjects(
  subjects: Iterable<Subject>,
  { folds, fold }: Fold,
): Set<Subject> {
  const all = ranked(subjects);
  const first = all[0];
  if (first === undefined || all.length === 1) return new Set();
  const inFold = all.filter((subject) => foldOf(subject, folds) === fold);
  if (inFold.length === 0) return new Set([first]);
  if (inFold.length === all.length) return new Set(all.slice(1));
  return new Set(inFold);
}

/**
 * The validation subjects of each round of a cross-validation: every subject validates exactly
 * once, folds that the hash leaves empty are skipped. Where it puts all into one fold, each subject
 * is a round of its own. No rounds below two subjects.
 */
export function crossValidationRounds(subjects: Iterable<Subject>, folds: number): Set<Subject>[] {
  const all = ranked(subjects).sort(compareNaturally);
  if (all.length < 2) return [];
  const rounds = Array.from({ length: folds }, (_, fold) =>
    all.filter((subject) => foldOf(subject, folds) === fold),
  ).filter((round) => round.length > 0);
  const usable = rounds.length > 1 ? rounds : all.map((subject) => [subject]);
  return usable.map((round) => new Set(round));
}

/** Each subject once, in an order that the numbers do not tell. */
function ranked(subjects: Iterable<Subject>): Subject[] {
  const rank = (subject: Subject): number => foldOf(subject, 0x1_0000_0000);
  return [...new Set(subjects)].sort((a, b) => rank(a) - rank(b) || compareNaturally(a, b));
}
