import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineStore, repairStore } from '../../src/doctor/store-report.js';
import { version } from '../../src/version.js';
import { Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

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
    const args = ['watch', '--json', '--raw', raw, '--store', store, '--epochs', '2'];
    program = new Program([...args, ...smallAndQuick]);
    await program.next('caught-up', 0, ({ pending }) => pending === 0);
  }, 120_000);

  afterAll(() => program.signal('SIGKILL'));

  it('looks on beside a program that runs, and asks it', async () => {
    const health = await examineStore(store, version);
    expect(health).toMatchObject({
      state: 'in-use',
      files: null,
      models: 1,
      findings: [],
      running: { pid: program.pid, command: 'watch', rows: 4, pending: 0, failures: 0 },
    });
    expect(health).toHaveProperty('holder', expect.stringContaining(`process ${program.pid} `));
    expect(health).toHaveProperty('notLookedAt', expect.stringContaining('the cache'));
  });

  it('repairs nothing that another process holds: exit code 3', async () => {
    const { code, stderr, store: health } = await doctor('--repair');
    expect(code).toBe(3);
    expect(stderr).toMatch(/is held by process \d+ \(nerveflow watch, since /);
    expect(health).toBeUndefined();
  });

  it('finds what is wrong, and nothing else: exit code 1', async () => {
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
    await repairStore(store);
    expect(readFileSync(csv, 'utf8')).toBe(standing);
  }, 120_000);
});
