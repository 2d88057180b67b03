import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { urlOf } from '../../src/web/server.js';
import { wholeStore } from '../doctor/damaged-store.js';
import type { RawFolder } from '../support/raw-folder.js';
import { ServedStore } from './served-store.js';

const token = 'a-secret-of-24-letters--';
let folder: RawFolder;
let served: ServedStore;

beforeAll(async () => {
  folder = await wholeStore();
  served = await ServedStore.start(folder, { token });
});
afterAll(async () => {
  await served.close();
  await folder.delete();
});

test.each([
  '/',
  '/api/v1/status',
  '/api/v1/events',
  '/?token=',
  '/?token=wrong',
])('without it, %s shows nothing', async (path) => {
  const response = await served.get(path);
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'NO_TOKEN' });
  expect(response.headers.get('set-cookie')).toBeNull();
});

test('a wrong cookie, or that of another port, does not do', async () => {
  for (const cookie of [`nerveflow-${served.port}=wrong`, `nerveflow-1=${token}`, token]) {
    expect((await served.get('/api/v1/status', { headers: { cookie } })).status).toBe(401);
  }
});

test('the link gives a cookie, and goes on to an address without it', async () => {
  const response = await served.get(`/?token=${token}`);
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/');
  const given = response.headers.get('set-cookie') ?? '';
  expect(given).toMatch(/; HttpOnly; SameSite=Strict$/);
  const cookie = given.split(';')[0]!;
  expect((await served.get('/api/v1/status', { headers: { cookie } })).status).toBe(200);
});

test('a browser that comes from a link elsewhere is sent on by the page', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  // fetch would set these itself.
  const request = get(served.url(`/?token=${token}`), { headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(response.headers.refresh).toBe('0; url=/');
  expect(response.headers['set-cookie']?.[0]).toContain(token);
});

test('the link is what a browser can open', () => {
  expect(urlOf({ host: '::1', port: 80 }, null)).toBe('http://[::1]:80/');
  expect(urlOf({ host: '10.0.0.1', port: 80 }, 'x')).toBe('http://10.0.0.1:80/?token=x');
  expect(urlOf({ host: '0.0.0.0', port: 80 }, null)).not.toContain('0.0.0.0');
});
