/** Something in the store that is not as the program would leave it. */
export interface Finding {
  /** Stable. */
  readonly code: FindingCode;
  /** `wrong`: results or the next start suffer. `leftover`: it only takes up room. */
  readonly level: 'wrong' | 'leftover';
  readonly count: number;
  /** In words, with the first few names. */
  readonly message: string;
}

export type FindingCode =
  | 'CACHE_DAMAGED'
  | 'CACHE_OTHER_FORMAT'
  | 'PIXELS_UNUSED'
  | 'PIXELS_LOST'
  | 'PREDICTION_OF_NOTHING'
  | 'PREDICTION_UNREADABLE'
  | 'TRAINING_SET_UNUSED'
  | 'MASK_MISSING'
  | 'MASK_DIFFERS'
  | 'MASK_OF_NOTHING'
  | 'MODEL_UNREADABLE'
  | 'MODEL_UNUSED'
  | 'CHECKPOINT_UNREADABLE'
  | 'CHECKPOINT_UNUSED'
  | 'SUBMISSION_DIFFERS'
  | 'MEASUREMENTS_DIFFER'
  | 'NOT_CLOSED'
  | 'LEFT_BEHIND';

/** A finding, and how it is mended: rejects with the file system's or LevelDB's error. */
export interface MendableFinding extends Finding {
  mend(): Promise<void>;
}

/** What is wrong with these; nothing where there are none. */
export function findingOf(
  items: readonly unknown[],
  finding: Omit<MendableFinding, 'count'>,
): MendableFinding[] {
  return items.length === 0 ? [] : [{ ...finding, count: items.length }];
}

const mostNamed = 3;

/** `a, b, c and 4 more`. */
export function firstOf(names: readonly string[]): string {
  const named = names.slice(0, mostNamed).join(', ');
  return names.length <= mostNamed ? named : `${named} and ${names.length - mostNamed} more`;
}
