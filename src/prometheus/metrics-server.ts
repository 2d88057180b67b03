import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../settings/listen-address.js';

const hint = 'nerveflow: the numbers are at /metrics\n';

/** Text in Prometheus' form; a `Registry` is one. */
export interface NumbersSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** Answers `GET /metrics` with a source's numbers; keeps no process alive. */
export class MetricsServer {
  private readonly server: Server;

  constructor(private readonly source: NumbersSource) {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.unref();
    this.server.on('connection', (socket) => socket.unref());
  }

  /**
   * Resolves with where it listens: `port` 0 becomes a free one.
   * Rejects with the system's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`).
   */
  async listen({ host, port }: ListenAddress): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port }, resolve);
    });
    this.server.on('error', () => {});
    return { host, port: (this.server.address() as AddressInfo).port };
  }

  /** Whoever still reads is cut off. Safe to call before `listen`, and twice. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(
    { url = '/', method = '' }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const path = url.split('?')[0];
    if (path !== '/metrics' && path !== '/') return reply(response, 404, hint);
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return reply(response, 405, 'only GET\n');
    }
    if (path === '/') return reply(response, 200, hint);
    try {
      reply(response, 200, await this.source.metrics(), this.source.contentType);
    } catch (error) {
      reply(response, 500, `the numbers cannot be told: ${(error as Error).message}\n`);
    }
  }
}

function reply(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type });
  response.end(text);
}
