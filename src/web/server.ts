import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { hostname } from 'node:os';
import { getRequestListener } from '@hono/node-server';
import { formatListenAddress, type ListenAddress } from '../settings/listen-address.js';
import { EventFeed } from './event-feed.js';
import { admit, cookieName, type Lock } from './gate.js';
import { type Refusal, refusals } from './problems.js';
import { routes } from './routes.js';
import { securityHeaders } from './security.js';
import type { StaticFiles } from './static-files.js';
import type { WebSource } from './web-source.js';

const mostAtOnce = 64;
const mostConnections = 256;
/** To read the last words in. */
const lastMs = 500;
const timesOut = { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 5_000 };

export interface WebServerOptions {
  readonly source: WebSource;
  readonly files: StaticFiles;
  readonly token: string | null;
}

/** Serves the page and what it asks for; keeps no process alive. */
export class WebServer {
  private readonly server: Server;
  private readonly feed: EventFeed;
  private readonly respond: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  private lock: Lock;
  private atOnce = 0;

  constructor({ source, files, token }: WebServerOptions) {
    this.lock = { address: { host: '127.0.0.1', port: 0 }, token };
    this.feed = new EventFeed(source.events$);
    const app = routes(source, files);
    this.respond = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    const limits = { ...timesOut, maxHeaderSize: 8192, connectionsCheckingInterval: 5000 };
    this.server = createServer(limits, (request, response) => this.take(request, response));
    this.server.maxConnections = mostConnections;
    this.server.unref();
    this.server.on('connection', (socket) => socket.unref());
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      const isTooLong = error.code === 'HPE_HEADER_OVERFLOW';
      const status = isTooLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
      if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
      else socket.destroy();
    });
  }

  /** Browsers that are told the events. */
  get viewers(): number {
    return this.feed.count;
  }

  /**
   * Resolves with where it listens: `port` 0 becomes a free one. Rejects with the system's error
   * (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`).
   */
  async listen({ host, port }: ListenAddress): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port }, resolve);
    });
    this.server.on('error', () => {});
    const address = { host, port: (this.server.address() as AddressInfo).port };
    this.lock = { ...this.lock, address };
    return address;
  }

  /** Who looks on hears all that was said before; then all are cut off. Safe to call before `listen`, and twice. */
  async close(): Promise<void> {
    this.feed.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const timer = setTimeout(() => this.server.closeAllConnections(), lastMs);
    await closed;
    clearTimeout(timer);
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const admission = admit(request, this.lock);
    switch (admission.is) {
      case 'refused':
        refuse(response, admission.refusal);
        break;
      case 'to-be-given-cookie':
        this.giveCookie(request, response);
        break;
      case 'admitted':
        this.answer(request, response);
    }
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const isEvents = request.url?.split('?')[0] === '/api/v1/events' && request.method === 'GET';
    if (isEvents ? this.feed.isFull : this.atOnce >= mostAtOnce) {
      response.setHeader('Retry-After', '1');
      refuse(response, refusals.tooMany);
    } else if (isEvents) {
      this.feed.add(response);
    } else {
      this.atOnce++;
      response.once('close', () => this.atOnce--);
      void this.respond(request, response);
    }
  }

  /**
   * Browsers leave a strict cookie out where a link elsewhere led here: then the page itself goes on,
   * and not the answer.
   */
  private giveCookie({ headers }: IncomingMessage, response: ServerResponse): void {
    const { address, token } = this.lock;
    const isFromElsewhere = headers['sec-fetch-site'] === 'cross-site';
    response.writeHead(isFromElsewhere ? 200 : 303, {
      ...securityHeaders,
      ...(isFromElsewhere ? { Refresh: '0; url=/' } : { Location: '/' }),
      'Set-Cookie': `${cookieName(address)}=${token}; Path=/; HttpOnly; SameSite=Strict`,
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    response.end('nerveflow\n');
  }
}

/** As people open it. */
export function urlOf({ host, port }: ListenAddress, token: string | null): string {
  const isAnywhere = host === '0.0.0.0' || host === '::';
  const where = formatListenAddress({ host: isAnywhere ? hostname() : host, port });
  return `http://${where}/${token === null ? '' : `?token=${token}`}`;
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  response.writeHead(status, {
    ...securityHeaders,
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    // What it still sends is not read.
    Connection: 'close',
  });
  response.end(JSON.stringify({ code, message }));
}
