/** How far sizes that were found agree with true ones, in the measure's unit. */
export interface Agreement {
  readonly images: number;
  readonly meanTruth: number;
  /** Mean of found less true. */
  readonly bias: number;
  /** Bland and Altman's 95 % limits of agreement, of one image; null below two subjects. */
  readonly limits: { readonly low: number; readonly high: number } | null;
  readonly meanAbsoluteDifference: number;
  /** Pearson's; null where either is always the same. */
  readonly correlation: number | null;
}

/** Over the images where there is something to measure, whose subject the model has not seen. */
export interface MeasureAgreement {
  readonly measure: 'area' | 'circumference';
  readonly unit: 'pixels' | 'mm' | 'mm2';
  /** What is taken to be true: the size of the true mask, or what a table says. */
  readonly against: 'mask' | 'table';
  /** Images where there is something and nothing was found that can be measured: they count here alone. */
  readonly missed: number;
  /** Of the masks that were found; null where all were missed. */
  readonly foundMasks: Agreement | null;
  /** How far the true masks themselves agree with the table; null where they are what is true. */
  readonly trueMasks: Agreement | null;
}

/** How well uncertainty ranks the errors. null where there is too little to rank. */
export interface UncertaintyRanking {
  /** Spearman's, of uncertainty with 1 - Dice. */
  readonly correlation: number | null;
  /** Mean Dice of the half of the images that is surest, and of the rest. */
  readonly surestHalfDice: number | null;
  readonly otherHalfDice: number | null;
}

/** What two looks at the same agree on: the Dice between the masks of near-identical images of a subject. */
export interface LabelCeiling {
  readonly pairs: number;
  /** That have such a pair. */
  readonly subjects: number;
  /** Empty against empty is 1, as in the model's. */
  readonly dice: number;
  /** 95 %, bootstrapped over subjects; null below two. */
  readonly diceInterval: { readonly low: number; readonly high: number } | null;
  /** Pairs of which at least one mask is not empty. */
  readonly outlinedPairs: number;
  readonly outlinedDice: number | null;
}
