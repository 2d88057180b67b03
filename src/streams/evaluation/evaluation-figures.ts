import type { EvaluationFigures } from '../../events.js';
import { bootstrapInterval } from '../../operators/bootstrap-interval.js';
import { groupBy } from '../../operators/group-by.js';
import { type MaskScore, meanScores } from '../../operators/mask-metrics.js';

/** The interval is the same in every run. */
export const bootstrapSeed = 1;
/** More are in the CSV. */
const worstNamed = 8;

/** Means over all images; the interval of the mean Dice is bootstrapped over groups of them. */
export function figuresOf<T>(
  images: readonly T[],
  groupOf: (image: T) => unknown,
  scoreOf: (image: T) => MaskScore,
): EvaluationFigures {
  const groups = [...groupBy(images, groupOf).values()];
  const dices = groups.map((group) => group.map((image) => scoreOf(image).dice));
  return {
    ...meanScores(images.map(scoreOf)),
    diceInterval: bootstrapInterval(dices, bootstrapSeed),
  };
}

export interface ImageDice {
  readonly id: string;
  readonly dice: number;
}

/** The images that fit worst, the worst first. */
export function worstOf(images: readonly ImageDice[]): ImageDice[] {
  return images.toSorted((a, b) => a.dice - b.dice || (a.id < b.id ? -1 : 1)).slice(0, worstNamed);
}
