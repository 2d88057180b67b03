import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSubmission } from '../../src/store/submission.js';
import { smallAndQuick, smallDataSet, temporaryFolder } from '../end-to-end/folders.js';
import { Program, run } from '../end-to-end/program.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const args = ['watch', '--json', '--raw', raw, '--store', store, ...smallAndQuick];

/** As a file system behaves that went read-only, without the rights it takes to make it so. */
function refuseWrites(pid: number, isRefused: boolean): void {
  execFileSync('prlimit', ['--pid', `${pid}`, `--fsize=${isRefused ? '0:' : ''}unlimited`]);
}

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version']);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasPrlimit())('a store that cannot be written for a while', () => {
  let program: Program | undefined;
  afterAll(() => program?.signal('SIGKILL'));

  it('is told, nothing is lost, and all goes on by itself when it can be', async () => {
    await smallDataSet(raw);
    const first = await run([...args, '--once', '--epochs', '2']);
    expect(first.code).toBe(0);

    program = new Program([...args, '--retrain', 'manual']);
    await program.next('caught-up');
    refuseWrites(program.pid!, true);
    copyFileSync(join(raw, 'test', '1.tif'), join(raw, 'test', '50.tif'));
    const failed = await program.next('item.failed');
    expect(failed).toMatchObject({ path: 'test/50.tif', code: 'STORE_WRITE_FAILED' });
    expect(failed.message).toMatch(/File too large; it is tried again by itself$/);
    refuseWrites(program.pid!, false);
    await program.next('submission.written', 0, ({ rows }) => rows === 5);
    const rows = parseSubmission(readFileSync(join(store, 'submission.csv'), 'utf8'));
    expect([...rows.keys()]).toEqual(['1', '2', '3', '4', '50']);
    expect(rows.get('50')).toBe(rows.get('1'));
    program.signal('SIGINT');
    expect(await program.exited).toBe(130);
    expect(program.stderr).toBe('');
  }, 120_000);
});
