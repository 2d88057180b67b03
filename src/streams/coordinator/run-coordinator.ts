import { isDeepStrictEqual } from 'node:util';
import { BehaviorSubject, distinctUntilChanged, map, type Observable, Subject } from 'rxjs';
import { step } from '../coordinator.js';
import type { RetryWaits } from './retry-waits.js';
import { type Command, type FlowEvent, type FlowState, isAllIdle } from './state.js';

/** What the coordinator has to ask of others when all is idle. */
export type AskFacts = () => Omit<FlowEvent & { type: 'all-idle' }, 'type'>;

/**
 * Takes events one after the other, those that commands set off too. Only when none is left is it
 * asked whether all is idle: what became idle may just have set something else to work.
 */
export class Coordinator {
  readonly state$: BehaviorSubject<FlowState>;
  private readonly commands = new Subject<Command>();
  readonly commands$ = this.commands.asObservable();
  private readonly queue: FlowEvent[] = [];
  private isAtWork = false;

  constructor(
    start: FlowState,
    private readonly waits: RetryWaits,
    private readonly askFacts: AskFacts,
  ) {
    this.state$ = new BehaviorSubject(start);
  }

  /** Something that follows from the state, whenever it is another. */
  watch<T>(select: (state: FlowState) => T): Observable<T> {
    return this.state$.pipe(
      map(select),
      distinctUntilChanged((a, b) => isDeepStrictEqual(a, b)),
    );
  }

  take(event: FlowEvent): void {
    this.queue.push(event);
    if (this.isAtWork) return;
    this.isAtWork = true;
    try {
      while (this.queue.length > 0) {
        this.carryOut(this.queue.shift()!);
        const isSettled = this.queue.length === 0 && isAllIdle(this.state$.value);
        if (isSettled) this.carryOut({ type: 'all-idle', ...this.askFacts() });
      }
    } finally {
      this.isAtWork = false;
    }
  }

  private carryOut(event: FlowEvent): void {
    const { state, commands } = step(this.state$.value, event, this.waits);
    if (state !== this.state$.value) this.state$.next(state);
    for (const command of commands) this.commands.next(command);
  }
}
