import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPointer, writePointer } from '../../src/store/model-pointers.js';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const args = ['watch', '--json', '--raw', raw, '--store', store, ...smallAndQuick];
let program: Program | undefined;

beforeAll(async () => {
  await smallDataSet(raw);
  const first = await run([...args, '--once', '--epochs', '2']);
  expect(first.code).toBe(0);
}, 120_000);

afterEach(() => program?.signal('SIGKILL'));

const rows = () => parseSubmission(readFileSync(join(store, 'submission.csv'), 'utf8'));

/** Drops an image of which the row is known, beside its original. */
function drop(id: number): void {
  copyFileSync(join(raw, 'test', '1.tif'), join(raw, 'test', `${id}.tif`));
}

/** Predicted, and in a submission.csv written since. */
async function written(running: Program, id: string): Promise<void> {
  const predicted = await running.next('item.predicted', 0, (event) => event.id === id);
  await running.next('submission.written', running.events.indexOf(predicted));
}

async function stop(running: Program): Promise<void> {
  running.signal('SIGINT');
  expect(await running.exited).toBe(130);
}

function has(command: string, ...test: string[]): boolean {
  try {
    execFileSync(command, test, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Of a running process; needs no rights, and the hard limits stay. */
function limit(pid: number, what: string): void {
  execFileSync('prlimit', ['--pid', `${pid}`, what]);
}

describe.skipIf(!has('prlimit', '--version'))('taken from the program while it runs', () => {
  it('the right to write: told, nothing is lost, and it goes on by itself', async () => {
    program = new Program([...args, '--retrain', 'manual']);
    await program.next('caught-up');
    // As a file system behaves that went read-only.
    limit(program.pid!, '--fsize=0:');
    drop(50);
    const failed = await program.next('item.failed');
    expect(failed).toMatchObject({ path: 'test/50.tif', code: 'STORE_WRITE_FAILED' });
    expect(failed.message).toMatch(/File too large; it is tried again by itself$/);
    drop(51);
    const refuses = await program.next('notice', 0, ({ code }) => code === 'STORE_REFUSES');
    expect(refuses.message).toMatch(/^[12] items? could not be stored: .*File too large/);
    limit(program.pid!, '--fsize=unlimited:');
    await Promise.all([written(program, '50'), written(program, '51')]);
    expect(rows().get('50')).toBe(rows().get('1'));
    await program.next('notice', 0, ({ code }) => code === 'STORE_TAKES_AGAIN');
    const told = program.all('notice').map(({ code }) => code);
    expect(told.filter((code) => code === 'STORE_REFUSES')).toHaveLength(1);
    await stop(program);
    expect(program.stderr).toBe('');
  }, 120_000);

  it('file handles: what could not be read is read later', async () => {
    program = new Program([...args, '--retrain', 'manual']);
    await program.next('caught-up');
    const open = readdirSync(`/proc/${program.pid}/fd`).length;
    limit(program.pid!, `--nofile=${open - 1}:`);
    drop(60);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    limit(program.pid!, '--nofile=1024:');
    await written(program, '60');
    await stop(program);
    expect(program.stderr).toBe('');
  }, 120_000);
});

const lowered = 'echo 1 > /proc/sys/user/max_inotify_watches; exec "$@"';
const ofOwn = ['-U', '-r', 'sh', '-c', lowered, 'sh'];

describe.skipIf(!has('unshare', ...ofOwn, 'true'))('without inotify watches', () => {
  it('it polls, and tells how to raise the limit', async () => {
    program = new Program([...args, '--retrain', 'manual'], {}, process.cwd(), [
      'unshare',
      ...ofOwn,
    ]);
    const notice = await program.next('notice', 0, ({ code }) => code === 'INOTIFY_LIMIT');
    expect(notice.message).toContain('sysctl fs.inotify.max_user_watches');
    await program.next('caught-up');
    drop(70);
    await written(program, '70');
    expect(rows().get('70')).toBe(rows().get('1'));
  }, 120_000);
});

describe('a model that is damaged', () => {
  it('gives way to the one before, with a line', async () => {
    const models = join(store, 'models');
    const pointer = await readPointer(models, 'best');
    if (pointer.status !== 'found') throw new Error(pointer.status);
    // Of the right size: it shows only when it is loaded.
    const damaged = join(models, 'model-damaged');
    cpSync(pointer.value.folder, damaged, { recursive: true });
    const weights = readFileSync(join(damaged, 'weights.bin'));
    weights[weights.length >> 1]! ^= 0x10;
    writeFileSync(join(damaged, 'weights.bin'), weights);
    await writePointer(models, 'best', damaged);
    drop(80);
    const { code, program } = await run([...args, '--once', '--retrain', 'never']);
    expect(code).toBe(0);
    const told = program.all('notice').filter(({ code }) => code === 'MODEL_DAMAGED');
    expect(told).toHaveLength(1);
    expect(told[0]!.message).toMatch(/weights\.bin.*checksum.*the model before it serves/);
    expect(rows().get('80')).toBe(rows().get('1'));
  }, 60_000);
});
