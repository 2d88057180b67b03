import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Observable, Subscription } from 'rxjs';
import { isSample } from '../events/predicates.js';
import type { ModelRequest, PipelineEvent } from '../events.js';
import type { ControlRequest } from '../ui/controls.js';
import { type DashboardState, foldEvent, initialState } from '../ui/state/dashboard-state.js';
import {
  type Hello,
  LineSplitter,
  type ModelAnswer,
  type ModelsRequest,
  type Reply,
  viewerRequestSchema,
} from './messages.js';
import { makeSocketFolder } from './socket-path.js';

export interface ViewerServerOptions {
  readonly path: string;
  readonly events: Observable<PipelineEvent>;
  readonly about: Omit<Hello, 'type' | 'state'>;
  readonly onRequest: (request: ControlRequest) => void;
  /** Always answers. */
  readonly onModelRequest: (request: ModelRequest) => Promise<ModelAnswer>;
  readonly now?: () => number;
}

/** A viewer that leaves this much unread is dropped: memory is the program's, not its viewers'. */
const mostUnread = 8 * 1024 * 1024;
/** No request is as long as this. */
const longestRequest = 4096;
/** To read the last words in. */
const lastMs = 500;

/**
 * Lets any number of viewers of the same user look on. Never waits for any of them: who does not
 * keep up misses samples, and is dropped when that is not enough.
 */
export class ViewerServer {
  private state: DashboardState;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private readonly events: Subscription;

  constructor(private readonly options: ViewerServerOptions) {
    const now = options.now ?? Date.now;
    this.state = initialState(now());
    this.server = createServer((socket) => this.welcome(socket));
    // A viewer is no reason to go on running.
    this.server.unref();
    this.events = options.events.subscribe((event) => {
      this.state = foldEvent(this.state, event, now());
      this.tell(event);
    });
  }

  get viewers(): number {
    return this.sockets.size;
  }

  /**
   * Rejects where there can be no such socket. One that is there already was left by a program
   * that did not come to remove it: the store, which this one holds, has one user at a time.
   */
  async listen(): Promise<void> {
    const { path } = this.options;
    makeSocketFolder(path);
    const isFile = process.platform !== 'win32';
    if (isFile) rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
    this.server.on('error', () => {});
    if (isFile) chmodSync(path, 0o600);
  }

  /** Viewers are told all that was said before, and that it ends. */
  async close(): Promise<void> {
    this.events.unsubscribe();
    for (const viewer of this.sockets) viewer.end();
    // Who reads nothing gets no more time. It also keeps the process until all have gone.
    const timer = setTimeout(() => {
      for (const viewer of this.sockets) viewer.destroy();
    }, lastMs);
    // Closing removes the socket's file.
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    clearTimeout(timer);
  }

  private welcome(socket: Socket): void {
    this.sockets.add(socket);
    socket.unref();
    socket.on('close', () => this.sockets.delete(socket));
    // A viewer that went away is no news.
    socket.on('error', () => socket.destroy());
    const requests = new LineSplitter((line) => this.hear(line, socket));
    socket.setEncoding('utf8').on('data', (text: string) => {
      requests.add(text);
      if (requests.held > longestRequest) socket.destroy();
    });
    const hello: Hello = { type: 'hello', ...this.options.about, state: this.state };
    socket.write(`${JSON.stringify(hello)}\n`);
  }

  private tell(event: PipelineEvent): void {
    if (this.sockets.size === 0) return;
    const line = `${JSON.stringify({ type: 'event', event })}\n`;
    for (const viewer of this.sockets) {
      if (viewer.writableNeedDrain && isSample(event)) continue;
      viewer.write(line);
      if (viewer.writableLength > mostUnread) viewer.destroy();
    }
  }

  private hear(line: string, from: Socket): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return;
    }
    const request = viewerRequestSchema.safeParse(value);
    if (!request.success) return;
    if (request.data.type === 'models') void this.answer(request.data, from);
    else this.options.onRequest(request.data);
  }

  private async answer({ id, verb, model }: ModelsRequest, from: Socket): Promise<void> {
    const answer = await this.options.onModelRequest({ verb, model });
    const reply: Reply = { type: 'reply', id, answer };
    if (from.writable) from.write(`${JSON.stringify(reply)}\n`);
  }
}
