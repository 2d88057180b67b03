import type { PipelineEvent } from '../../events.js';

/** What a sentence needs that its own event does not carry. */
export interface Background {
  /** Whether the running training has validation subjects: `best` is then of validation. */
  readonly validates: boolean;
  /** Whether the compute process died and has not been back since. */
  readonly restarting: boolean;
}

export const noBackground: Background = { validates: true, restarting: false };

/** What later sentences need to know of this event. */
export function backgroundAfter(background: Background, event: PipelineEvent): Background {
  switch (event.type) {
    case 'train.started':
      return { ...background, validates: event.validationPairs > 0 };
    case 'train.epoch':
      return { ...background, validates: event.validationDice !== null };
    case 'compute':
      return {
        ...background,
        restarting:
          event.state !== 'ready' && (background.restarting || event.state !== 'starting'),
      };
    default:
      return background;
  }
}

/** The figure that `best` is. Both are the tutorial's soft Dice over batches. */
export function whichBest(background: Background): string {
  return background.validates ? 'validation batch Dice' : 'train batch Dice (nothing validates)';
}
