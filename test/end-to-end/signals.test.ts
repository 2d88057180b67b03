import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');

describe.skipIf(process.platform === 'win32')('asked by signals', () => {
  let program: Program;

  beforeAll(async () => {
    await smallDataSet(raw);
    const args = ['watch', '--json', '--raw', raw, '--store', join(folder, 'store')];
    program = new Program([...args, ...smallAndQuick, '--epochs', '2', '--retrain', 'manual']);
    await program.next('caught-up');
  }, 60_000);

  afterAll(() => program.signal('SIGKILL'));

  it('trains on SIGUSR2, and with --retrain manual on nothing else', async () => {
    expect(program.all('train.started')).toEqual([]);
    program.signal('SIGUSR2');
    expect(await program.next('train.started')).toMatchObject({ reason: 'requested' });
    await program.next('train.done');
    expect(await program.next('submission.written')).toMatchObject({ rows: 4 });
  });

  it('predicts everything again on SIGUSR1', async () => {
    const from = program.events.length;
    program.signal('SIGUSR1');
    const again = new Set<string>();
    await program.next(
      'item.predicted',
      from,
      ({ id, reason }) => reason === 'requested' && again.add(id).size === 4,
    );
  });
});
