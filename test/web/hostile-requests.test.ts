import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readStaticFiles } from '../../src/web/static-files.js';
import { filesOf, wholeStore } from '../doctor/damaged-store.js';
import type { RawFolder } from '../support/raw-folder.js';
import { ServedStore } from './served-store.js';

/** Stands in files that no request may reach. */
const secret = 'nobody-may-read-this';

let folder: RawFolder;
let served: ServedStore;
let before: ReadonlyMap<string, string>;
let rawBefore: ReadonlyMap<string, string>;
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = await wholeStore();
  await writeFile(join(folder.store, 'secret.txt'), secret);
  await writeFile(join(folder.home, 'secret.txt'), secret);
  const page = join(folder.home, 'page');
  await folder.write('../page/index.html', '<!doctype html><title>page</title>');
  await folder.write('../page/assets/page.js', 'export {};');
  await folder.write('../page/secret.txt', secret);
  served = await ServedStore.start(folder, { files: await readStaticFiles(page) });
  before = storeFiles();
  rawBefore = filesOf(folder.raw);
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(async () => {
  await served.close();
  await folder.delete();
});

function open(): Socket {
  const socket = connect(served.port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.add(socket);
  return socket;
}

interface Answer {
  /** 0 where the connection was closed without one. */
  readonly status: number;
  readonly text: string;
}

/** Sends bytes as they are: no client puts them right. */
async function send(bytes: string | Buffer): Promise<Answer> {
  const socket = open();
  let text = '';
  socket.setEncoding('latin1').on('data', (data) => {
    text += data;
  });
  socket.write(bytes);
  await once(socket, 'close');
  sockets.delete(socket);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}

interface Head {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly headers?: readonly string[];
}

function head({ method = 'GET', target = '/api/v1/status', host, headers = [] }: Head): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host ?? `127.0.0.1:${served.port}`}`,
    'Connection: close',
    ...headers,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

const statusOf = async (request: Head) => (await send(head(request))).status;

/** Refused or harmless, and nothing of what is nobody's business is in the answer. */
function expectHarmless({ status, text }: Answer): void {
  expect(status).not.toBe(500);
  expect(text).not.toContain(secret);
  expect(text).not.toContain(folder.home);
  expect(text).not.toMatch(/\n\s+at .+:\d+:\d+/);
}

/** Small pictures are made when they are asked for. */
function storeFiles(): ReadonlyMap<string, string> {
  const files = filesOf(folder.store);
  return new Map([...files].filter(([name]) => !name.startsWith('thumbnails')));
}

async function expectUnharmed(): Promise<void> {
  expect(await statusOf({})).toBe(200);
  expect(storeFiles()).toEqual(before);
  expect(filesOf(folder.raw)).toEqual(rawBefore);
}

const climbs = [
  '../',
  '..%2f',
  '..%2F',
  '%2e%2e/',
  '%2e%2e%2f',
  '%252e%252e%252f',
  '..%255c',
  '..\\',
  '..%5c',
  '....//',
  '..;/',
  '%c0%ae%c0%ae%c0%af',
  '%e0%80%ae%e0%80%ae/',
  '..%00/',
  './../',
  '.%2e/',
  '%uff0e%uff0e%u2215',
  '..%ef%bc%8f',
];
const goals = ['secret.txt', 'store/secret.txt', 'etc/passwd', 'page/secret.txt'];
const starts = ['/', '/assets/', '/api/v1/pictures/', '/api/v1/images/', '/api/v1/masks/'];

describe('no path leads out', () => {
  const targets = starts.flatMap((start) =>
    climbs.flatMap((climb) =>
      goals.map((goal, nth) => `${start}${climb.repeat(nth * 3 + 1)}${goal}`),
    ),
  );
  test(`${targets.length} ways to climb`, async () => {
    expect(targets.length).toBeGreaterThan(300);
    for (const target of targets) {
      const answer = await send(head({ target }));
      expectHarmless(answer);
      expect([400, 404], target).toContain(answer.status);
    }
    await expectUnharmed();
  });

  test.each([
    '/secret.txt',
    '/index.html/',
    '//etc/passwd',
    '/assets/',
    '/assets/../secret.txt',
    '/.git/config',
    '/holder.json',
    '/api/v1/pictures/test%2F1/../../../secret.txt',
    '/api/v1/pictures/%2Fetc%2Fpasswd?size=full',
    '/api/v1/pictures/test%2F1.tif?size=full',
    '/api/v1/pictures/C:%5CWindows%5Cwin.ini',
    '/api/v1/pictures/file:%2F%2F%2Fetc%2Fpasswd',
    '/api/v1/images/constructor',
    '/api/v1/images/__proto__',
    '/api/v1/images/',
    '/api/v2/status',
    '/api/v1/status/..',
  ])('%s is not there', async (target) => {
    const answer = await send(head({ target }));
    expectHarmless(answer);
    expect([400, 404]).toContain(answer.status);
  });

  test('whatever key is asked for', async () => {
    const pieces = fc.constantFrom(
      '..',
      '/',
      '\\',
      '%',
      '#',
      '?',
      '\0',
      'test/1',
      ':',
      '\u202e',
      '~',
    );
    const key = fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme', maxLength: 8 })), {
      maxLength: 12,
    });
    const place = fc.constantFrom('images', 'pictures', 'masks');
    await fc.assert(
      fc.asyncProperty(place, key, async (at, parts) => {
        const target = `/api/v1/${at}/${encodeURIComponent(parts.join(''))}`;
        const answer = await send(head({ target }));
        expectHarmless(answer);
        expect([200, 400, 404, 414]).toContain(answer.status);
      }),
      { numRuns: 100 },
    );
    await expectUnharmed();
  });
});

describe('bytes that are no request', () => {
  test('are answered with 400 or not at all', async () => {
    const noise = fc.uint8Array({ minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        const answer = await send(Buffer.concat([bytes, Buffer.from('\r\n\r\n')]));
        expectHarmless(answer);
        expect([0, 400, 431]).toContain(answer.status);
      }),
      { numRuns: 60 },
    );
    await expectUnharmed();
  });

  test.each([
    '/%',
    '/%zz',
    '/%ff%fe',
    '/%80',
    '/a%00b',
    '/%0d%0aSet-Cookie:x',
    '/\xff\xfe',
    '*',
    'x',
  ])('address %j', async (target) => {
    const answer = await send(head({ target }));
    expectHarmless(answer);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('Set-Cookie');
  });

  test.each([
    'size=full&size=thumb',
    'v=%00',
    `v=${'x'.repeat(101)}`,
    'size[]=full',
    '__proto__=1',
    'limit=1e3',
    'limit=-1',
    'offset=99999999999999',
    'offset=0x10',
    `text=${'a'.repeat(300)}`,
    'split=../test',
    'sort=constructor',
  ])('query %s', async (query) => {
    for (const place of ['images', 'pictures/test%2F1', 'masks/test%2F1']) {
      const answer = await send(head({ target: `/api/v1/${place}?${query}` }));
      expectHarmless(answer);
      expect([200, 400]).toContain(answer.status);
    }
  });
});

describe('who may not ask', () => {
  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    '[::2]',
    '',
    'a b',
    '10.0.0.1',
  ])('by the name %j', async (host) => {
    expect([400, 403]).toContain(await statusOf({ host }));
  });

  test.each([
    'Origin: http://evil.example',
    'Origin: null',
    'Origin: http://127.0.0.1:1',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
  ])('with %s', async (header) => {
    expect(await statusOf({ headers: [header] })).toBe(403);
    expect(await statusOf({ target: '/api/v1/events', headers: [header] })).toBe(403);
  });

  test('but a person may follow a link to the page', async () => {
    const headers = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'];
    expect(await statusOf({ target: '/', headers })).toBe(200);
    expect(await statusOf({ headers })).toBe(403);
  });

  test('through a tunnel the port is another one', async () => {
    expect(await statusOf({ host: 'localhost:9000' })).toBe(200);
  });
});

describe('what is not asked for so', () => {
  test.each([
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'QUERY',
  ])('%s', async (method) => {
    for (const target of ['/', '/api/v1/status', '/api/v1/images/test%2F1']) {
      expect([400, 405]).toContain(await statusOf({ method, target }));
    }
  });

  test('CONNECT and upgrades', async () => {
    expect([0, 400, 405]).toContain(
      await statusOf({ method: 'CONNECT', target: 'evil.example:443' }),
    );
    const headers = ['Upgrade: websocket', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'];
    const answer = await send(head({ headers }));
    expect(answer.status).not.toBe(101);
    expectHarmless(answer);
  });

  test('with a body, or with two lengths', async () => {
    expect(await statusOf({ headers: ['Content-Length: 5'] })).toBe(413);
    expect(await statusOf({ headers: ['Transfer-Encoding: chunked'] })).toBe(413);
    const both = ['Content-Length: 5', 'Transfer-Encoding: chunked'];
    expect([400, 413]).toContain(await statusOf({ headers: both }));
    expect(await statusOf({ headers: ['Content-Length: -1'] })).toBe(400);
  });

  test('too long, or with too much of a head', async () => {
    expect(await statusOf({ target: `/${'a'.repeat(3000)}` })).toBe(414);
    expect([400, 431]).toContain(await statusOf({ target: `/${'a'.repeat(100_000)}` }));
    expect(await statusOf({ headers: [`X-Much: ${'a'.repeat(20_000)}`] })).toBe(431);
    const many = Array.from({ length: 3000 }, (_, nth) => `X-${nth}: 1`);
    expect(await statusOf({ headers: many })).toBe(431);
    await expectUnharmed();
  });
});

test('many clients that never finish keep nobody else out', async () => {
  const slow = Array.from({ length: 200 }, () => open());
  await Promise.all(slow.map((socket) => once(socket, 'connect')));
  for (const socket of slow) socket.write('GET / HTTP/1.1\r\nHost: ');
  await expectUnharmed();
});

test('more requests at once than it takes are told to come again', async () => {
  const asked = Array.from({ length: 200 }, () =>
    served.get('/api/v1/pictures/test%2F1?size=full'),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(new Set([...statuses, 200, 429])).toEqual(new Set([200, 429]));
  expect(statuses).toContain(200);
  await expectUnharmed();
});

test('every answer forbids what pages may be made to do', async () => {
  for (const path of ['/', '/api/v1/status', '/nowhere', '/api/v1/pictures/test%2F1']) {
    const { headers } = await served.get(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  }
});
