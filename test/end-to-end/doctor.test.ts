import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallAndQuick, smallDataSet, temporaryFolder } from './folders.js';
import { Program, run } from './program.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');

/** `doctor --json`, its one line. */
async function doctor(...args: string[]) {
  const { code, program } = await run(['doctor', '--json', '--store', store, ...args]);
  const [report] = program.events as unknown[];
  return { code, stderr: program.stderr, store: (report as { store?: object } | undefined)?.store };
}

describe('doctor and the store', () => {
  let program: Program;

  beforeAll(async () => {
    await smallDataSet(raw);
    const args = ['watch', '--json', '--raw', raw, '--store', store, '--epochs', '1'];
    program = new Program([...args, ...smallAndQuick]);
    await program.next('caught-up', 0, ({ pending }) => pending === 0);
  }, 60_000);

  afterAll(() => program.signal('SIGKILL'));

  it('looks on beside a program that runs, and asks it', async () => {
    const { code, store: health } = await doctor();
    expect(code).toBe(0);
    expect(health).toMatchObject({
      state: 'in-use',
      files: null,
      models: 1,
      findings: [],
      running: { pid: program.pid, command: 'watch', rows: 4, pending: 0, failures: 0 },
    });
    expect(health).toHaveProperty('holder', expect.stringContaining(`process ${program.pid} `));
    expect(health).toHaveProperty('notLookedAt', expect.stringContaining('the cache'));
  }, 30_000);

  it('repairs nothing that another process holds: exit code 3', async () => {
    const { code, stderr, store: health } = await doctor('--repair');
    expect(code).toBe(3);
    expect(stderr).toMatch(/is held by process \d+ \(nerveflow watch, since /);
    expect(health).toBeUndefined();
  });

  it('finds what is wrong, exit code 1, and mends it when asked', async () => {
    program.signal('SIGINT');
    await program.exited;
    const csv = join(store, 'submission.csv');
    const standing = readFileSync(csv, 'utf8');
    rmSync(csv);
    const found = await doctor();
    expect(found.code).toBe(1);
    expect(found.store).toMatchObject({
      state: 'unwell',
      predictions: 4,
      findings: [{ code: 'SUBMISSION_DIFFERS', level: 'wrong' }],
    });
    const mended = await doctor('--repair');
    expect(mended.code).toBe(0);
    expect(mended.store).toMatchObject({
      state: 'repaired',
      findings: [],
      repaired: [{ code: 'SUBMISSION_DIFFERS' }],
    });
    expect(readFileSync(csv, 'utf8')).toBe(standing);
  }, 60_000);
});
