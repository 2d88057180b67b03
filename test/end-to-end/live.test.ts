import { copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../support/program.js';
import { smallAndQuick, smallDataSet } from '../support/small-data-set.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const raw = join(folder, 'raw');
const store = join(folder, 'store');
const inTest = (name: string) => join(raw, 'test', name);

describe('watch, left running', () => {
  let program: Program;
  /** Events from here on belong to the step in hand. */
  const mark = () => program.events.length;

  beforeAll(async () => {
    await smallDataSet(raw);
    const args = ['watch', '--json', '--raw', raw, '--store', store, '--epochs', '2'];
    program = new Program([...args, ...smallAndQuick]);
    await program.next('caught-up');
  }, 60_000);

  afterAll(() => program.signal('SIGKILL'));

  it('predicts a new image by itself, once, and writes the CSV once', async () => {
    const from = mark();
    copyFileSync(inTest('1.tif'), inTest('50.tif'));
    await program.next('caught-up', from);
    expect(program.all('item.predicted', from)).toMatchObject([{ id: '50', reason: 'new' }]);
    expect(program.all('submission.written', from)).toMatchObject([{ rows: 5 }]);
  });

  it('predicts it again when other pixels come under its name', async () => {
    const from = mark();
    copyFileSync(inTest('2.tif'), inTest('50.tif'));
    await program.next('caught-up', from);
    expect(program.all('item.ingested', from)).toMatchObject([{ id: '50', reason: 'changed' }]);
    expect(program.all('item.predicted', from)).toMatchObject([{ id: '50', reason: 'changed' }]);
    // The CSV may be unchanged only when both images happen to have the very same mask.
    expect(program.all('submission.written', from).length).toBeLessThanOrEqual(1);
  });

  it('does nothing for a touched file, and drops the row of a deleted one', async () => {
    const from = mark();
    utimesSync(inTest('50.tif'), new Date(), new Date());
    copyFileSync(inTest('3.tif'), inTest('51.tif'));
    await program.next('caught-up', from);
    expect(program.all('item.ingested', from).map(({ id }) => id)).toEqual(['51']);
    const after = mark();
    rmSync(inTest('51.tif'));
    await program.next('caught-up', after);
    expect(program.all('item.removed', after)).toEqual([
      { type: 'item.removed', id: '51', split: 'test' },
    ]);
    expect(program.all('submission.written', after)).toMatchObject([{ rows: 5 }]);
  });

  it('follows a rename without decoding again', async () => {
    const from = mark();
    renameSync(inTest('50.tif'), inTest('60.tif'));
    // The new name and the old one may settle in one burst or in two.
    const removed = await program.next('item.removed', from);
    const ingested = await program.next('item.ingested', from);
    await program.next('caught-up', program.events.indexOf(removed));
    expect(removed).toMatchObject({ id: '50' });
    expect(ingested).toMatchObject({ id: '60', reason: 'new' });
    expect(program.all('submission.written', from).at(-1)).toMatchObject({ rows: 5 });
  });

  it('marks bad files, each with its code, and goes on', async () => {
    const from = mark();
    writeFileSync(inTest('70.tif'), 'no image at all');
    writeFileSync(inTest('71.png'), '');
    writeFileSync(inTest('readme.txt'), 'not ours');
    mkdirSync(inTest('nested'));
    copyFileSync(inTest('1.tif'), inTest('72.tif'));
    await program.next('item.predicted', from);
    await program.next('caught-up', from);
    const failures = program.all('item.failed', from);
    expect(new Map(failures.map(({ path, code }) => [path, code]))).toEqual(
      new Map([
        ['test/70.tif', 'NOT_AN_IMAGE'],
        ['test/71.png', 'EMPTY_FILE'],
      ]),
    );
    expect(program.all('item.predicted', from).map(({ id }) => id)).toEqual(['72']);
  });

  it('says which half of a pair is missing, and which mask does not fit', async () => {
    const from = mark();
    copyFileSync(inTest('1.tif'), join(raw, 'train', '90_1.tif'));
    const waiting = await program.next('item.waiting', from);
    expect(waiting).toMatchObject({ id: '90_1', split: 'train', missing: 'mask' });
    const { sharp } = await import('../../src/operators/configured-sharp.js');
    const other = sharp({ create: { width: 9, height: 7, channels: 3, background: '#000' } });
    writeFileSync(join(raw, 'train', '90_1_mask.png'), await other.png().toBuffer());
    const failed = await program.next('item.failed', from);
    expect(failed).toMatchObject({ path: 'train/90_1_mask.png', code: 'MASK_SIZE_MISMATCH' });
  });

  it('ends cleanly on ctrl-c with exit code 130', async () => {
    program.signal('SIGINT');
    expect(await program.exited).toBe(130);
    expect(program.events.at(-1)).toEqual({ type: 'stopped', reason: 'interrupted' });
    expect(program.stderr).toBe('');
  });
});

describe('a training that is interrupted', () => {
  const other = join(folder, 'store-2');

  it('is saved on ctrl-c, and goes on where it was at the next start', async () => {
    const args = ['watch', '--once', '--json', '--raw', raw, '--store', other, '--epochs', '6'];
    const first = new Program([...args, ...smallAndQuick]);
    await first.next('train.step', 0, ({ epoch, step }) => epoch === 3 && step === 1);
    first.signal('SIGINT');
    expect(await first.exited).toBe(130);
    const [interrupted] = first.all('train.interrupted');
    expect(interrupted).toMatchObject({ resumable: true });

    const second = new Program([...args, ...smallAndQuick]);
    expect(await second.exited).toBe(0);
    expect(second.all('train.started')).toMatchObject([{ reason: 'resumed' }]);
    const [next] = second.all('train.step');
    const { epoch, step } = interrupted!;
    const steps = next!.steps;
    const expected = step === steps ? [epoch + 1, 1] : [epoch, step + 1];
    expect([next!.epoch, next!.step]).toEqual(expected);
    expect(second.all('train.done')).toHaveLength(1);
  }, 60_000);
});
