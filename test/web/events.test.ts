import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import { wholeStore } from '../doctor/damaged-store.js';
import type { RawFolder } from '../support/raw-folder.js';
import { ServedStore } from './served-store.js';

let folder: RawFolder;
let served: ServedStore;

beforeAll(async () => {
  folder = await wholeStore();
  served = await ServedStore.start(folder);
});
afterAll(async () => {
  await served.close();
  await folder.delete();
});

const predicted = (id: string, modelId = 'm'): PipelineEvent => ({
  ...{ type: 'item.predicted', id, modelId, pixels: 1, ms: 1, reason: 'new' },
});

/** One that looks on: has seen that the stream is open when it is made. */
async function viewer() {
  const request = get(served.url('/api/v1/events'));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.headers['content-type']).toContain('text/event-stream');
  // Leaving ends it in the middle.
  response.on('error', () => {});
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  const next = async (): Promise<PipelineEvent> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the stream has ended');
      if (value.startsWith('data: ')) return JSON.parse(value.slice(6)) as PipelineEvent;
    }
  };
  return { next, leave: () => request.destroy() };
}

const counted = (viewers: number) =>
  expect.poll(() => served.server.viewers, { interval: 5 }).toBe(viewers);

test('three viewers are told the same, in order; who leaves is forgotten', async () => {
  const viewers = await Promise.all([viewer(), viewer(), viewer()]);
  await counted(3);
  const told = ['1', '2', '3'].map((id) => predicted(id));
  for (const event of told) served.events$.next(event);
  for (const { next } of viewers) {
    for (const event of told) expect(await next()).toEqual(event);
  }
  viewers[0]!.leave();
  await counted(2);
  served.events$.next(predicted('4'));
  expect(await viewers[1]!.next()).toEqual(predicted('4'));
  for (const { leave } of viewers) leave();
  await counted(0);
});

test('what only eyes are for, and the address with its token, are kept back', async () => {
  const { next, leave } = await viewer();
  const cost = { cpu: null, rss: 1 };
  served.events$.next({ type: 'system', program: cost, compute: null, diskFree: null });
  served.events$.next({ type: 'web.listening', url: 'http://host/?token=secret' });
  served.events$.next(predicted('5'));
  expect(await next()).toEqual(predicted('5'));
  leave();
  await counted(0);
});

test('one that reads nothing is dropped, and the others miss nothing', async () => {
  const stuck = createConnection(served.port, '127.0.0.1');
  stuck.on('error', () => {});
  stuck.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  stuck.pause();
  const { next, leave } = await viewer();
  await counted(2);
  const long = 'x'.repeat(1024 * 1024);
  for (let nth = 0; served.server.viewers > 1; nth++) {
    expect(nth).toBeLessThan(200);
    served.events$.next(predicted(String(nth), long));
    expect(await next()).toMatchObject({ id: String(nth) });
  }
  stuck.destroy();
  leave();
  await counted(0);
});

test('there is an end to how many may look on', async () => {
  const viewers = await Promise.all(Array.from({ length: 32 }, () => viewer()));
  const refused = await served.get('/api/v1/events');
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'TOO_MANY' });
  for (const { leave } of viewers) leave();
  await counted(0);
});

test('whoever looks on hears the last word, and that it ends', async () => {
  const { next } = await viewer();
  await counted(1);
  served.events$.next({ type: 'stopped', reason: 'interrupted' });
  const closed = served.server.close();
  expect(await next()).toEqual({ type: 'stopped', reason: 'interrupted' });
  await expect(next()).rejects.toThrow('the stream has ended');
  await closed;
});
