import type { EventOf, PipelineEvent } from '../../events.js';
import { type DashboardState, foldEvent } from './dashboard-state.js';

type Step = EventOf<'train.step'>;

/** Steps closer than this to the last one that was folded in wait for the next look. */
const stepEveryMs = 200;

/**
 * The state, with every event folded in; of quick training steps only as many as a curve can
 * show. Whoever looks sees the newest step all the same.
 */
export class StateKeeper {
  private folded: DashboardState;
  private held: { readonly step: Step; readonly count: number; readonly at: number } | null = null;
  private foldedAt = Number.NEGATIVE_INFINITY;

  constructor(state: DashboardState) {
    this.folded = state;
  }

  get state(): DashboardState {
    this.fold();
    return this.folded;
  }

  add(event: PipelineEvent, nowMs: number): void {
    if (event.type !== 'train.step') {
      this.fold();
      this.folded = foldEvent(this.folded, event, nowMs);
      return;
    }
    this.held = { step: event, count: (this.held?.count ?? 0) + 1, at: nowMs };
    // A clock that was set back must not hold steps for ever.
    if (Math.abs(nowMs - this.foldedAt) >= stepEveryMs) this.fold();
  }

  private fold(): void {
    if (this.held === null) return;
    const { step, count, at } = this.held;
    this.held = null;
    this.foldedAt = at;
    this.folded = foldEvent(this.folded, step, at, count);
  }
}
