import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exported } from '../support/exported.js';
import { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';

let folder: RawFolder;
let to: string;

beforeEach(async () => {
  folder = await RawFolder.make();
  to = join(folder.home, 'export');
});
afterEach(async () => await folder.delete());

describe('an export', () => {
  test('appears under its name, with a report beside it, and takes the place of an earlier one', async () => {
    await folder.pairs(2, 2);
    await folder.image('test/1.tif', 1);
    await runOnce(folder);
    const [first] = await exported(folder, ['npy'], to);
    expect(first).toMatchObject({
      type: 'export.written',
      format: 'npy',
      path: join(to, 'npy'),
      images: 5,
      leftOut: [],
    });
    await folder.image('test/2.tif', 2);
    await runOnce(folder);
    const [second] = await exported(folder, ['npy'], to);
    expect(second).toMatchObject({ images: 6 });
    expect(await readdir(to)).toEqual(['npy']);
    const report: unknown = JSON.parse(await readFile(join(to, 'npy', 'export.json'), 'utf8'));
    expect(report).toMatchObject({ format: 'npy', images: 6, leftOut: [] });
  });

  test('leaves a folder alone that it has not written', async () => {
    await folder.pairs(2, 2);
    await runOnce(folder);
    await mkdir(join(to, 'npy'), { recursive: true });
    await writeFile(join(to, 'npy', 'thesis.npy'), 'years of work');
    const [refused] = await exported(folder, ['npy'], to);
    expect(refused).toMatchObject({ type: 'export.failed', code: 'NOT_OURS' });
    expect(await readdir(join(to, 'npy'))).toEqual(['thesis.npy']);
  });

  test('says that there is nothing to export', async () => {
    const [refused] = await exported(folder, ['npy'], to);
    expect(refused).toMatchObject({ type: 'export.failed', code: 'NOTHING_TO_EXPORT' });
  });

  test('says which images of test have no prediction', async () => {
    await folder.pairs(2, 2);
    for (const id of [1, 2, 3]) await folder.image(`test/${id}.tif`, id);
    await runOnce(folder);
    const [other] = await exported(folder, ['npy'], to, { size: '32x32' });
    expect(other).toMatchObject({ type: 'export.failed', code: 'NOTHING_TO_EXPORT' });
    await folder.image('test/1.tif', 99);
    const [report] = await exported(folder, ['npy'], to);
    expect(report).toMatchObject({ type: 'export.written', images: 7 });
  });
});
