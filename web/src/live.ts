import type { PipelineEvent } from '../../src/events.js';
import { eventsUrl } from './api.js';

export interface Live {
  /** What the program does, in a few words. */
  readonly says: string;
  /** The program was there and does not answer any more. */
  readonly isLost: boolean;
  /** How often masks or images have changed. */
  readonly changes: number;
}

export const beforeLive: Live = { says: '', isLost: false, changes: 0 };

/** Folds what the program says into what the page shows of it. */
export function heard(live: Live, event: PipelineEvent): Live {
  const changed = { ...live, changes: live.changes + 1 };
  switch (event.type) {
    case 'train.started':
      return { ...live, says: `training on ${event.pairs} pairs` };
    case 'train.epoch': {
      const dice = event.validationDice;
      const found = dice === null ? '' : `, validation Dice ${dice.toFixed(3)}`;
      return { ...live, says: `training: epoch ${event.epoch} of ${event.epochs}${found}` };
    }
    case 'train.done':
      return { ...live, says: 'trained' };
    case 'item.predicted':
      return { ...changed, says: `predicting: ${event.id}` };
    case 'item.ingested':
      return { ...changed, says: `reading: ${event.id}` };
    case 'item.removed':
      return changed;
    case 'caught-up':
      return { ...changed, says: 'caught up' };
    case 'stopped':
      return { ...live, says: 'stopped' };
    default:
      return live;
  }
}

const againMs = 5000;

/** Listens until it is told to stop; comes back by itself when the program does. */
export function listen(tell: (change: (live: Live) => Live) => void): () => void {
  let source: EventSource;
  let timer: number | undefined;
  const connect = () => {
    source = new EventSource(eventsUrl);
    source.onopen = () => tell((live) => ({ ...live, isLost: false, changes: live.changes + 1 }));
    source.onerror = () => {
      tell((live) => ({ ...live, isLost: true }));
      // A browser tries again where nobody answers, but not where it was refused.
      if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(connect, againMs);
    };
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as PipelineEvent;
      tell((live) => heard(live, event));
    };
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
