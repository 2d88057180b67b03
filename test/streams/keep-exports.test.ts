import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawFolder } from '../support/raw-folder.js';
import { RunningPipeline, runOnce } from '../support/running-pipeline.js';

let folder: RawFolder;
let to: string;
let running: RunningPipeline | null;

beforeEach(async () => {
  folder = await RawFolder.make();
  to = join(folder.home, 'export');
  running = null;
  await folder.pairs(2, 2);
  await folder.image('test/1.tif', 1);
});
afterEach(async () => {
  await running?.stop();
  await folder.delete();
});

const flags = () => ({ export: 'coco,labelme', exportTo: to });
const names = async () => {
  const text = await readFile(join(to, 'coco', 'coco-rle.json'), 'utf8');
  const { images } = JSON.parse(text) as { images: { file_name: string }[] };
  return images.map(({ file_name }) => file_name);
};

test('formats follow what comes and goes, and are left alone where nothing did', async () => {
  running = await RunningPipeline.start(folder, 'watch', { flags: flags() });
  const { recorder } = running;
  await recorder.next('export.written');
  await recorder.next('export.written');
  expect(await names()).toEqual(['test/1.tif']);
  await folder.image('test/2.tif', 2);
  await recorder.next(
    'export.written',
    ({ format, images }) => format === 'labelme' && images === 2,
  );
  expect(await names()).toEqual(['test/1.tif', 'test/2.tif']);
  await folder.remove('test/1.tif');
  await recorder.next(
    'export.written',
    ({ format, images }) => format === 'labelme' && images === 1,
  );
  expect(await names()).toEqual(['test/2.tif']);
  await running.stop();
  running = null;
  const { recorder: again } = await runOnce(folder, { flags: flags() });
  expect(again.of('export.written')).toEqual([]);
});

test('a single run ends when they are written', async () => {
  const { outcome, recorder } = await runOnce(folder, { flags: flags() });
  expect(outcome).toBe('done');
  expect(recorder.of('export.written').map(({ format }) => format)).toEqual(['coco', 'labelme']);
  expect(recorder.of('export.failed')).toEqual([]);
  expect((await readdir(to)).sort()).toEqual(['coco', 'labelme']);
});

test('what cannot be written is told once, the others follow, and it is written when it can be', async () => {
  await writeFile(to, 'in the way');
  running = await RunningPipeline.start(folder, 'watch', { flags: flags() });
  const { recorder } = running;
  expect(await recorder.next('export.failed')).toMatchObject({ format: 'coco' });
  expect(await recorder.next('export.failed')).toMatchObject({ format: 'labelme' });
  await folder.image('test/2.tif', 2);
  await running.caughtUp();
  await rm(to);
  await folder.image('test/3.tif', 3);
  await recorder.next(
    'export.written',
    ({ format, images }) => format === 'labelme' && images === 3,
  );
  expect(recorder.of('export.failed')).toHaveLength(2);
});
