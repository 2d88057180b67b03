import type { EvaluationEvent } from '../../events.js';

/** A cross-validation: how far, and what its folds score so far. */
export interface EvaluationState {
  /** Folds of all seeds. */
  readonly rounds: number;
  readonly roundsDone: number;
  readonly seed: number;
  readonly fold: number;
  /** Share of all that has to be trained. */
  readonly share: number;
  readonly msLeft: number | null;
  readonly pairs: number;
  /** Sum of the image Dice of the pairs of the folds that are done. */
  readonly diceSum: number;
  readonly worst: { readonly fold: number; readonly dice: number } | null;
  readonly isDone: boolean;
}

export function foldEvaluation(
  before: EvaluationState | null,
  event: EvaluationEvent,
): EvaluationState | null {
  if (event.type === 'evaluation.started') {
    return {
      rounds: event.folds * event.seeds.length,
      roundsDone: 0,
      seed: event.seeds[0] ?? 0,
      fold: 1,
      share: 0,
      msLeft: null,
      pairs: 0,
      diceSum: 0,
      worst: null,
      isDone: false,
    };
  }
  if (before === null) return null;
  switch (event.type) {
    case 'evaluation.progress': {
      const { seed, fold, done, msLeft } = event;
      return { ...before, seed, fold, share: done, msLeft };
    }
    case 'evaluation.fold': {
      const { seed, fold, pairs, dice } = event;
      const isWorst = before.worst === null || dice < before.worst.dice;
      return {
        ...before,
        seed,
        fold,
        roundsDone: before.roundsDone + 1,
        pairs: before.pairs + pairs,
        diceSum: before.diceSum + pairs * dice,
        worst: isWorst ? { fold, dice } : before.worst,
      };
    }
    // Scores a file: nothing is trained.
    case 'evaluation.scored':
      return before;
    case 'evaluation.done':
      return { ...before, share: 1, msLeft: 0, isDone: true };
  }
}
