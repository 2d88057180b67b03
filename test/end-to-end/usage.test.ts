import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli, Program, run } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');

describe('what is typed wrong', () => {
  it.each([
    [['--epochs', 'many'], '--epochs: "many" is not valid; it takes a whole number from 1'],
    [['--size', '64'], '--size: "64" is not valid; it takes HEIGHTxWIDTH'],
    [['--size', '60x80'], '--size: "60x80" is not valid'],
    [['--backend', 'abacus'], '--backend: "abacus" is not valid; it takes auto, tensorflow'],
    [['--raw', '/nowhere/at/all'], '--raw: "/nowhere/at/all" is not there'],
    [['--colour'], "unknown option '--colour'"],
  ])('%j is one line and exit code 2', async (args, line) => {
    const { code, program } = await run(['watch', '--json', '--store', store, ...args]);
    expect(code).toBe(2);
    expect(program.events).toEqual([]);
    expect(program.stderr).toContain(line);
    expect(program.stderr).not.toContain('    at ');
  });

  it('names a variable that holds a bad value', async () => {
    const { code, program } = await run(['watch'], { NERVEFLOW_BATCH_SIZE: '0' });
    expect(code).toBe(2);
    expect(program.stderr).toBe(
      'nerveflow: NERVEFLOW_BATCH_SIZE: "0" is not valid; it takes a whole number from 1 to 1024\n',
    );
  });

  it.skipIf(process.platform !== 'linux').each([20, 100, 199])(
    'says that %i file handles are too few, before it needs them',
    (handles) => {
      const limited = `ulimit -n ${handles}; exec "$0" "$@"`;
      const { status, stderr } = spawnSync(
        'bash',
        ['-c', limited, process.execPath, cli, 'watch', '--raw', folder],
        { encoding: 'utf8' },
      );
      expect(stderr).toMatch(
        new RegExp(
          `^nerveflow: this process may open ${handles} files, at least 200 .*ulimit -n.*\n$`,
        ),
      );
      expect(status).toBe(1);
    },
  );

  it.each([
    'watch',
    'ingest',
    'train',
    'predict',
    'evaluate',
    'demo',
    'bench',
    'doctor',
    'models',
  ])('has help for %s', (name) => {
    const { status, stdout } = spawnSync(process.execPath, [cli, name, '--help']);
    expect(status).toBe(0);
    expect(stdout.toString()).toContain(`Usage: nerveflow ${name}`);
  });
});

describe('a store that another process holds', () => {
  let holder: Program;

  afterAll(() => holder.signal('SIGKILL'));

  it('is exit code 3, naming that process', async () => {
    await smallDataSet(raw);
    holder = new Program(['watch', '--json', '--raw', raw, '--store', store, ...smallAndQuick]);
    await holder.next('ready');
    const { code, program } = await run(['predict', '--json', '--store', store]);
    expect(code).toBe(3);
    expect(program.stderr).toMatch(/is held by process \d+ \(nerveflow watch, since /);
    holder.signal('SIGINT');
    expect(await holder.exited).toBe(130);
  }, 60_000);
});

describe('an empty raw folder', () => {
  it('is said, and ends without a model', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const args = ['watch', '--once', '--json', '--raw', empty, '--store', join(folder, 'store-3')];
    const { code, program } = await run([...args, ...smallAndQuick]);
    expect(code).toBe(0);
    expect(program.all('notice')).toMatchObject([{ code: 'TOO_FEW_PAIRS' }]);
    expect(program.all('caught-up')).toMatchObject([{ ingested: 0, pending: 0 }]);
  });
});

describe('ingest, train and predict, one after the other', () => {
  const separate = join(folder, 'store-4');

  it('do what watch does in one, and take the same flags', async () => {
    await smallDataSet(raw);
    const compute = smallAndQuick.slice(0, -2);
    const at = ['--json', '--store', separate, '--raw', raw, ...compute, '--epochs', '1'];
    const taken = await run(['ingest', ...at, '--settle', '50']);
    expect(taken.code).toBe(0);
    expect(taken.program.events[0]).toMatchObject({ type: 'ready', backend: null });
    expect(taken.program.all('item.ingested')).toHaveLength(16);
    const early = await run(['predict', ...at]);
    expect(early.code).toBe(1);
    expect(early.program.all('notice')).toMatchObject([{ code: 'NO_MODEL' }]);
    const trained = await run(['train', ...at]);
    expect(trained.code).toBe(0);
    expect(trained.program.all('train.done')).toHaveLength(1);
    const predicted = await run(['predict', ...at]);
    expect(predicted.code).toBe(0);
    expect(predicted.program.all('item.predicted')).toHaveLength(4);
    expect(predicted.program.all('submission.written')).toMatchObject([{ rows: 4 }]);
  }, 60_000);

  it('strict turns a failed item into exit code 1', async () => {
    writeFileSync(join(raw, 'test', '99.tif'), 'broken');
    const args = ['ingest', '--json', '--raw', raw, '--store', separate, '--size', '32x48'];
    expect((await run(args)).code).toBe(0);
    expect((await run([...args, '--strict'])).code).toBe(1);
  }, 30_000);
});
