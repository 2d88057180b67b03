// @module-tag long
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import { parseImageName } from '../../src/operators/image-name.js';
import { openStore } from '../../src/store/open-store.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { Program } from '../support/program.js';
import { smallAndQuick } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { tiffFile } from '../support/tiff-file.js';
import { type HostileFile, hostileFiles, hostileNames } from './hostile-files.js';
import { SeededChoice } from './seeded-choice.js';

const count = 600;
const allowedGrowthMB = 400;

/** What the events may say of a file that cannot be used: programs rely on these words. */
const codes = new Set([
  'EMPTY_FILE',
  'TRUNCATED',
  'NOT_AN_IMAGE',
  'TOO_MANY_PIXELS',
  'UNSUPPORTED_SAMPLES',
  'DECODE_FAILED',
  'NOT_A_FILE',
  'UNREADABLE',
]);

const folder = temporaryFolder();
const raw = join(folder, 'raw');
let files: HostileFile[];

beforeAll(async () => {
  for (const split of ['train', 'test']) mkdirSync(join(raw, split), { recursive: true });
  files = await hostileFiles(new SeededChoice(4, 'hostile'), count);
  for (const { path, place } of files) place(join(raw, path));
  for (const name of hostileNames) writeFileSync(join(raw, name), goodImage(1));
});

describe(`${count} hostile files`, () => {
  const store = join(folder, 'store');

  it('each fail with a stable code or are taken in, within bounded memory', async () => {
    const before = megabytes(process.memoryUsage.rss());
    const { events, samples } = await takeIn(store);
    const failed = new Map(
      events.flatMap((event) => (event.type === 'item.failed' ? [[event.path, event]] : [])),
    );
    const taken = new Set(samples);
    const silent = files.filter(
      ({ path, fails }) => fails !== 'never' && !failed.has(path) && !taken.has(keyOf(path)),
    );
    expect(silent.map(({ kind }) => kind)).toEqual([]);
    const wronglyTaken = files.filter(({ path, fails }) => fails === 'must' && !failed.has(path));
    expect(wronglyTaken.map(({ kind }) => kind)).toEqual([]);
    expect([...failed.values()].map(({ code }) => code).filter((code) => !codes.has(code))).toEqual(
      [],
    );
    expect(failed.size).toBeGreaterThan(count / 3);
    expect(megabytes(process.memoryUsage.rss()) - before).toBeLessThan(allowedGrowthMB);
  }, 120_000);

  it('take no name for more than it is, and leave everything around the store alone', () => {
    expect(hostileNames.filter((name) => parseImageName(name).kind !== 'foreign')).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['raw', 'store']);
    const untouched = hostileNames.filter((name) => readFileSync(join(raw, name)).length > 0);
    expect(untouched).toEqual(hostileNames);
  });
});

describe('the real program on hostile files', () => {
  const store = join(folder, 'live');

  it('goes on, within bounded memory, and takes in good files under the same names', async () => {
    const args = ['watch', '--json', '--raw', raw, '--store', store, ...smallAndQuick];
    const program = new Program(args);
    const before = await program.next('caught-up');
    expect(before.failed).toBeGreaterThan(count / 3);
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
      const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
      expect(peak).toBeLessThan(allowedGrowthMB + 150);
    }

    const from = program.events.length;
    for (const [nth, { path }] of files.entries()) {
      rmSync(join(raw, path), { recursive: true, force: true });
      writeFileSync(join(raw, path), goodImage(nth));
    }
    const known = new Set(before.ingested === 0 ? [] : program.all('item.ingested').map(idOf));
    const isAllThere = () => {
      for (const event of program.all('item.ingested', from)) known.add(idOf(event));
      return known.size === files.length;
    };
    await program.next('caught-up', from, isAllThere);
    program.signal('SIGINT');
    expect(await program.exited).toBe(130);
    expect(program.stderr).toBe('');
  }, 120_000);
});

function idOf({ id }: { readonly id: string }): string {
  return id;
}

function keyOf(path: string): string {
  return path.replace('.tif', '');
}

function goodImage(seed: number): Uint8Array {
  const size = { height: 30, width: 40 };
  return tiffFile(
    size,
    Array.from({ length: size.height * size.width }, (_, at) => (at * (seed + 3)) % 256),
  );
}

async function takeIn(root: string): Promise<{ events: PipelineEvent[]; samples: string[] }> {
  const store = await openStore(root, 'test');
  try {
    const { catalog, paths } = store;
    const settings = { raw, size: { height: 32, width: 48 }, settle: 20 };
    const events: PipelineEvent[] = [];
    await takeInOnce({ settings, catalog, paths }, (event) => events.push(event));
    return { events, samples: [...catalog.samples.keys()] };
  } finally {
    await store.close();
  }
}

function megabytes(bytes: number): number {
  return bytes / 2 ** 20;
}
