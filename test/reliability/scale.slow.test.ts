import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program, run } from '../support/program.js';
import { smallAndQuick } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { tiffFile } from '../support/tiff-file.js';
import { storeContents } from './store-contents.js';

const many = Number(process.env.FILES ?? 10_000);
const size = { height: 20, width: 24 };

/** Small, and each its own: another number, other bytes. */
function imageOf(number: number): Uint8Array {
  const samples = Array.from({ length: size.height * size.width }, (_, at) =>
    at < 4 ? (number >> (8 * at)) & 255 : (at * 7) % 256,
  );
  return tiffFile(size, samples);
}

const rssOf = (pid: number) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
};

describe(`${many} files at once`, () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'raw');
  const store = join(folder, 'store');
  const args = ['--json', '--raw', raw, '--store', store, ...smallAndQuick, '--retrain', 'never'];
  let program: Program;
  let from = 0;
  const inTest = (number: number) => join(raw, 'test', `${number}.tif`);
  const numbers = Array.from({ length: many }, (_, nth) => nth + 1);

  /** Resolves when that many ids have been told of since the last step. */
  const told = async (type: 'item.ingested' | 'item.removed', count: number) => {
    const ids = new Set<string>();
    await program.next(type, from, ({ id }) => ids.add(id).size === count);
    return ids;
  };
  const step = () => {
    from = program.events.length;
    return performance.now();
  };
  const say = (what: string, began: number) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${many} files ${what}: ${seconds} s, RSS ${rssOf(program.pid!)} MB`);
  };

  beforeAll(async () => {
    for (const split of ['train', 'test']) mkdirSync(join(raw, split), { recursive: true });
    program = new Program(['watch', ...args]);
    await program.next('caught-up');
  }, 60_000);

  afterAll(() => program.signal('SIGKILL'));

  it('are taken in when copied', async () => {
    const began = step();
    for (const number of numbers) writeFileSync(inTest(number), imageOf(number));
    await told('item.ingested', many);
    say('copied', began);
    expect(program.all('item.failed', from)).toEqual([]);
  }, 600_000);

  it('are followed when renamed', async () => {
    const began = step();
    for (const number of numbers) renameSync(inTest(number), inTest(number + many));
    await Promise.all([told('item.ingested', many), told('item.removed', many)]);
    say('renamed', began);
  }, 600_000);

  it('are forgotten when removed', async () => {
    const began = step();
    for (const number of numbers) if (number > 10) rmSync(inTest(number + many));
    await told('item.removed', many - 10);
    say('removed', began);
    program.signal('SIGINT');
    expect(await program.exited).toBe(130);
    const { samples, pixels } = await storeContents(store);
    expect(Object.keys(samples)).toHaveLength(10);
    expect(pixels.length).toBeLessThanOrEqual(many);
  }, 600_000);
});

describe('an unchanged folder of 11,000 files', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'raw');
  const args = ['--json', '--raw', raw, '--store', join(folder, 'store'), ...smallAndQuick];

  it('is caught up with at a start within 3 s', async () => {
    for (const split of ['train', 'test']) mkdirSync(join(raw, split), { recursive: true });
    for (let number = 1; number <= 11_000; number++) {
      writeFileSync(join(raw, 'test', `${number}.tif`), imageOf(number));
    }
    await run([
      'ingest',
      '--json',
      '--raw',
      raw,
      '--store',
      join(folder, 'store'),
      '--size',
      '32x48',
    ]);
    const seconds: number[] = [];
    for (let nth = 0; nth < 5; nth++) {
      const began = performance.now();
      const program = new Program(['watch', ...args, '--retrain', 'never']);
      const { cached } = await program.next('caught-up');
      seconds.push((performance.now() - began) / 1000);
      expect(cached).toBe(11_000);
      program.signal('SIGINT');
      await program.exited;
    }
    console.log('start on 11,000 unchanged files, s:', seconds.map((s) => s.toFixed(2)).join(' '));
    expect(Math.min(...seconds)).toBeLessThan(3);
  }, 300_000);
});
