import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageList, Status } from '../../src/web/api.js';
import { Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const folders = ['--raw', raw, '--store', store];
const watch = ['watch', '--json', ...folders, '--epochs', '1', ...smallAndQuick];
const web = ['web', '--json', '--size', '32x48', ...folders];

const json = async <T>(url: string, path: string) =>
  (await (await fetch(new URL(`/api/v1/${path}`, url))).json()) as T;

describe('the page of a program that runs', () => {
  let program: Program;
  let url: string;
  let taken: Server;

  beforeAll(async () => {
    await smallDataSet(raw);
    taken = createServer().listen(0, '127.0.0.1');
    program = new Program([...watch, '--web', '0']);
    ({ url } = await program.next('web.listening'));
    await program.next('caught-up', 0, ({ pending }) => pending === 0);
  }, 120_000);

  afterAll(() => {
    program.signal('SIGKILL');
    taken.close();
  });

  it('is told what the program knows', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const status = await json<Status>(url, 'status');
    expect(status.program).toEqual({ running: true, command: 'watch' });
    expect(status.counts).toEqual({ train: 12, test: 4, predicted: 4, failed: 0 });
    const { images } = await json<ImageList>(url, 'images?split=test&sort=uncertainty');
    const predicted = program.all('item.predicted');
    for (const { id, prediction } of images) {
      expect(prediction?.pixels).toBe(predicted.findLast((event) => event.id === id)?.pixels);
    }
    expect(images).toHaveLength(4);
  });

  it('hears what happens, as it happens', async () => {
    const events = await fetch(new URL('/api/v1/events', url));
    await rm(join(raw, 'test', '4.tif'));
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of events.body!) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      if (text.includes('"item.removed"')) break;
    }
    expect(text).toContain('"id":"4"');
    expect((await json<ImageList>(url, 'images?split=test')).total).toBe(3);
  });

  it('is where nerveflow web says that it is', async () => {
    const { code, program: other } = await run(web);
    expect(code).toBe(3);
    expect(other.events).toEqual([]);
    expect(other.stderr).toMatch(/^nerveflow: .+ is held by process \d+ .+; its page is at .+\n$/);
    expect(other.stderr).toContain(url);
  });

  it('needs a port that is free: one line names the option', async () => {
    const { port } = taken.address() as { port: number };
    const elsewhere = ['--raw', raw, '--store', join(folder, 'store-2')];
    const { code, program: refused } = await run([...watch, ...elsewhere, '--web', String(port)]);
    expect(code).toBe(2);
    expect(refused.stderr).toMatch(/^nerveflow: --web: nothing can listen at .+\n$/);
  });

  it('ends with the program', async () => {
    program.signal('SIGINT');
    expect(await program.exited).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
    expect(existsSync(join(store, 'web.json'))).toBe(false);
  });

  it('is there without it, and says so', async () => {
    const alone = new Program([...web, '--web', '0', '--web-token', 'sixteen-letters-']);
    const listening = await alone.next('web.listening');
    const headers = { cookie: `nerveflow-${new URL(listening.url).port}=sixteen-letters-` };
    const refused = await fetch(new URL('/api/v1/status', listening.url));
    expect(refused.status).toBe(401);
    const answer = await fetch(new URL('/api/v1/status', listening.url), { headers });
    const status = (await answer.json()) as Status;
    expect(status.program).toEqual({ running: false, command: null });
    expect(status.counts).toMatchObject({ train: 12, test: 3, predicted: 3 });
    const { code, program: late } = await run(watch);
    expect(code).toBe(3);
    expect(late.stderr).toContain('(nerveflow web, since ');
    alone.signal('SIGTERM');
    expect(await alone.exited).toBe(130);
  });

  it('needs a store that holds something', async () => {
    const empty = join(folder, 'nothing');
    const { code, program: refused } = await run(['web', '--store', empty]);
    expect(code).toBe(1);
    expect(refused.stderr).toContain('holds no images yet; nerveflow watch fills it');
    expect(existsSync(empty)).toBe(false);
  });
});
