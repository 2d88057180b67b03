import { type Observable, Subject } from 'rxjs';
import type { PipelineEvent } from '../../events.js';

/** Who is told the events: a log, viewers, numbers for Prometheus. */
export interface EventReader {
  close(): void | Promise<void>;
  /** When it has told all of it. */
  readonly done?: Promise<void>;
}

/** The one stream of events and whoever reads it. Ends when all have been told all of it. */
export class EventStream implements AsyncDisposable {
  private readonly events = new Subject<PipelineEvent>();
  private readonly readers: EventReader[] = [];
  private readonly afterFirst: PipelineEvent[] = [];

  readonly events$: Observable<PipelineEvent> = this.events.asObservable();

  readonly emit = (event: PipelineEvent): void => {
    this.events.next(event);
    for (const waiting of this.afterFirst.splice(0)) this.events.next(waiting);
  };

  /** For what is known while readers are still being opened: told after the first event. */
  emitAfterFirst(event: PipelineEvent): void {
    this.afterFirst.push(event);
  }

  /** It is closed with the stream. */
  addReader(reader: EventReader): void {
    this.readers.push(reader);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.events.complete();
    await Promise.all(this.readers.map((reader) => reader.close()));
    await Promise.all(this.readers.map((reader) => reader.done));
  }
}
