import type { Observable } from 'rxjs';
import type { PipelineEvent } from '../../src/events.js';

type Type = PipelineEvent['type'];
type Of<T extends Type> = Extract<PipelineEvent, { type: T }>;

/** Longer than a busy machine takes, shorter than a test may. */
const patienceMs = 25_000;

/** Keeps all events, and waits for those to come. */
export class Recorder {
  readonly all: PipelineEvent[] = [];
  private cursor = 0;
  private wake: () => void = () => {};

  constructor(events$: Observable<PipelineEvent>) {
    events$.subscribe((event) => {
      this.all.push(event);
      this.wake();
    });
  }

  of<T extends Type>(type: T): Of<T>[] {
    return this.all.filter((event): event is Of<T> => event.type === type);
  }

  /** The next event of a type that no earlier call has gone past. */
  async next<T extends Type>(
    type: T,
    fits: (event: Of<T>) => boolean = () => true,
  ): Promise<Of<T>> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      while (this.cursor < this.all.length) {
        const event = this.all[this.cursor++]!;
        if (event.type === type && fits(event as Of<T>)) return event as Of<T>;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${type} among ${JSON.stringify(this.all.slice(-20))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Forgets what has come so far. */
  clear(): void {
    this.all.length = 0;
    this.cursor = 0;
  }

  /** As short lines, of the given types. */
  lines(...types: Type[]): string[] {
    return this.all
      .filter(({ type }) => types.includes(type))
      .map((event) => {
        switch (event.type) {
          case 'item.ingested':
          case 'item.predicted':
            return `${event.type} ${event.id} ${event.reason}`;
          case 'item.removed':
            return `${event.type} ${event.id}`;
          case 'item.failed':
            return `${event.type} ${event.path} ${event.code}`;
          case 'item.waiting':
            return `${event.type} ${event.id} ${event.missing}`;
          case 'notice':
            return `${event.type} ${event.code}`;
          case 'train.started':
            return `${event.type} ${event.reason}`;
          default:
            return event.type;
        }
      });
  }
}
