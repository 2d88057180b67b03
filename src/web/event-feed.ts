import type { ServerResponse } from 'node:http';
import type { Observable, Subscription } from 'rxjs';
import { isForEyes, isSample } from '../events/predicates.js';
import type { PipelineEvent } from '../events.js';
import { securityHeaders } from './security.js';

/** A viewer that leaves this much unread is dropped: memory is the program's, not its viewers'. */
const mostUnread = 4 * 1024 * 1024;
const heartbeatMs = 15_000;

/** Tells browsers the events as they come (server-sent events). Never waits for any of them. */
export class EventFeed {
  private readonly viewers = new Set<ServerResponse>();
  private readonly subscription: Subscription;
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    events$: Observable<PipelineEvent>,
    private readonly most = 32,
  ) {
    this.subscription = events$.subscribe((event) => {
      // The address has the token in it.
      if (!isForEyes(event) && event.type !== 'web.listening') this.tell(event);
    });
    this.heartbeat = setInterval(() => this.write(': still here\n\n', true), heartbeatMs).unref();
  }

  get count(): number {
    return this.viewers.size;
  }

  get isFull(): boolean {
    return this.viewers.size >= this.most;
  }

  /** Answers a request with all events from now on. */
  add(response: ServerResponse): void {
    response.writeHead(200, {
      ...securityHeaders,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // It ends with the stream.
      Connection: 'close',
    });
    response.on('close', () => this.viewers.delete(response));
    response.on('error', () => response.destroy());
    this.viewers.add(response);
    response.write('retry: 2000\n\n');
  }

  /** Who looks on is told that it ends. Safe to call twice. */
  close(): void {
    this.subscription.unsubscribe();
    clearInterval(this.heartbeat);
    for (const viewer of this.viewers) viewer.end();
  }

  private tell(event: PipelineEvent): void {
    if (this.viewers.size > 0) this.write(`data: ${JSON.stringify(event)}\n\n`, isSample(event));
  }

  /** @param maySkip whether a viewer that is slow may do without */
  private write(text: string, maySkip: boolean): void {
    for (const viewer of this.viewers) {
      if (viewer.writableNeedDrain && maySkip) continue;
      viewer.write(text);
      if (viewer.writableLength > mostUnread) viewer.destroy();
    }
  }
}
