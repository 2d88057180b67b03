import { asyncScheduler, type SchedulerLike, Subscription } from 'rxjs';
import { isStoreRefusal } from '../events/predicates.js';
import type { PipelineEvent } from '../events.js';

/** So long more items are counted before the first line; so long all must go well before the last. */
const gatherMs = 1000;
const calmMs = 2000;

/**
 * A store that refuses writes refuses those of every item: each is an event of its own, but a
 * person is told once how many wait, and once when the store takes writes again.
 */
export class StoreRefusals {
  /** Paths that were refused since the last line that all is well; empty when it is. */
  private readonly refused = new Set<string>();
  private why = '';
  private isTold = false;
  private gathering = Subscription.EMPTY;
  private calming = Subscription.EMPTY;

  constructor(
    private readonly emit: (event: PipelineEvent) => void,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {}

  add(event: PipelineEvent): void {
    if (event.type === 'item.failed' && isStoreRefusal(event)) {
      this.take(event.path, event.message);
    } else if (this.refused.size > 0 && showsWrite(event)) {
      if (this.calming.closed) {
        this.calming = this.scheduler.schedule(() => this.tellRecovery(), calmMs);
      }
    } else if (event.type === 'caught-up') {
      this.tell();
    }
  }

  /** Tells what it has gathered; nothing after that. */
  close(): void {
    this.tell();
    this.calming.unsubscribe();
  }

  private take(path: string, why: string): void {
    this.calming.unsubscribe();
    this.refused.add(path);
    this.why = why;
    if (!this.isTold && this.gathering.closed) {
      this.gathering = this.scheduler.schedule(() => this.tell(), gatherMs);
    }
  }

  private tell(): void {
    this.gathering.unsubscribe();
    if (this.isTold || this.refused.size === 0) return;
    this.isTold = true;
    const message = `${this.items()} could not be stored: ${this.why}`;
    this.emit({ type: 'notice', level: 'error', code: 'STORE_REFUSES', message });
  }

  private tellRecovery(): void {
    // What is over before it was told needs no line.
    this.gathering.unsubscribe();
    if (this.isTold) {
      const message = `the store takes writes again; ${this.items()} had to wait`;
      this.emit({ type: 'notice', level: 'info', code: 'STORE_TAKES_AGAIN', message });
    }
    this.isTold = false;
    this.refused.clear();
  }

  private items(): string {
    return `${this.refused.size} ${this.refused.size === 1 ? 'item' : 'items'}`;
  }
}

/** What cannot happen while the store refuses. */
function showsWrite(event: PipelineEvent): boolean {
  switch (event.type) {
    case 'item.ingested':
      return event.reason !== 'cached';
    case 'item.predicted':
    case 'item.removed':
    case 'submission.written':
    case 'measurements.written':
      return true;
    default:
      return false;
  }
}
