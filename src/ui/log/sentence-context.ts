import type { PipelineEvent } from '../../events.js';

/** What a sentence needs that its own event does not carry. */
export interface SentenceContext {
  /** Whether the running training has validation subjects: `best` is then of validation. */
  readonly validates: boolean;
  /** Whether the compute process died and has not been back since. */
  readonly restarting: boolean;
}

export const noContext: SentenceContext = { validates: true, restarting: false };

/** What later sentences need to know of this event. */
export function contextAfter(context: SentenceContext, event: PipelineEvent): SentenceContext {
  switch (event.type) {
    case 'train.started':
      return { ...context, validates: event.validationPairs > 0 };
    case 'train.epoch':
      return { ...context, validates: event.validationDice !== null };
    case 'compute':
      return {
        ...context,
        restarting: event.state !== 'ready' && (context.restarting || event.state !== 'starting'),
      };
    default:
      return context;
  }
}

/** The figure that `best` is. Both are the tutorial's soft Dice over batches. */
export function whichBest(context: SentenceContext): string {
  return context.validates ? 'validation batch Dice' : 'train batch Dice (nothing validates)';
}
