import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');

/** Runs what follows with the store mounted read-only, which stops root too; seen by nobody else. */
const readOnly = [
  'unshare',
  '-r',
  '-m',
  'sh',
  '-c',
  'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
  store,
];

const canMount = (() => {
  mkdirSync(store, { recursive: true });
  const [command, ...rest] = readOnly as [string, ...string[]];
  try {
    execFileSync(command, [...rest, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const contents = () =>
  readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((path) => [path, readFileSync(path).toString('base64')]);

describe.skipIf(!canMount)('a store that is read-only at the start', () => {
  const args = ['--raw', raw, '--store', store, '--json'];

  it.each([
    'empty',
    'filled by an earlier run',
  ])('is one line that says what to do, and stays as it is: %s', async (state) => {
    await smallDataSet(raw, { subjects: 1, perSubject: 2, test: 1 });
    if (state !== 'empty') expect((await run(['ingest', ...args])).code).toBe(0);
    const before = contents();
    const program = new Program(['watch', ...args, ...smallAndQuick], {}, process.cwd(), readOnly);
    expect(await program.exited).toBe(1);
    expect(program.stderr).toBe(
      `nerveflow: ${store} cannot be used: it lies on a file system that is mounted read-only; ` +
        'mount it for writing or take another --store\n',
    );
    expect(program.events).toEqual([]);
    expect(contents()).toEqual(before);
  });
});
