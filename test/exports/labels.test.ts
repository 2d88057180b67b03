import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCoco } from '../../src/labels/coco.js';
import { parseLabelme } from '../../src/labels/labelme.js';
import { rasterise } from '../../src/labels/rasterise.js';
import { encodeRle } from '../../src/operators/rle.js';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { exported } from '../support/exported.js';
import { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';

let folder: RawFolder;
let to: string;
let rows: Map<string, string>;

beforeEach(async () => {
  folder = await RawFolder.make();
  to = join(folder.home, 'export');
  await folder.pairs(2, 2);
  for (const id of [1, 2, 10]) await folder.image(`test/${id}.tif`, id);
  await runOnce(folder);
  rows = parseSubmission(await readFile(join(folder.store, 'submission.csv'), 'utf8'));
});
afterEach(async () => await folder.delete());

const size = { height: 20, width: 24 };

describe('coco', () => {
  test.each([
    'coco-rle.json',
    'coco-polygons.json',
  ])('%s holds the masks to the pixel', async (name) => {
    const [report] = await exported(folder, ['coco'], to, { exportLabel: 'median nerve' });
    expect(report).toMatchObject({ type: 'export.written', images: 3 });
    const text = await readFile(join(to, 'coco', name), 'utf8');
    const parsed = parseCoco(text, 'median nerve');
    if (!parsed.ok) throw new Error(parsed.failure.message);
    expect(parsed.value.labels.map(({ image }) => image)).toEqual([
      'test/1.tif',
      'test/2.tif',
      'test/10.tif',
    ]);
    for (const label of parsed.value.labels) {
      const mask = rasterise(label, size);
      const id = label.image.replace(/\D/g, '');
      expect(mask.ok && encodeRle(mask.value.data, size)).toBe(rows.get(id));
    }
    const { annotations } = JSON.parse(text) as { annotations: { score: number }[] };
    for (const { score } of annotations) expect(score).toBeGreaterThan(0);
  });
});

describe('the true masks of labelled images', () => {
  const truth = (id: string) => {
    const [subject, nth] = id.split('_').map(Number);
    // What RawFolder draws: bars of five rows.
    const bars = Uint8Array.from({ length: size.height * size.width }, (_, at) =>
      (Math.floor(at / size.width / 5) + subject! * 100 + nth!) % 2 === 0 ? 1 : 0,
    );
    return encodeRle(bars, size);
  };
  const ids = ['1_1', '1_2', '2_1', '2_2'];

  test('are in a COCO file of their own, to the pixel; what is gone is told', async () => {
    await folder.remove('train/1_2_mask.tif');
    await folder.remove('train/2_2_mask.tif');
    const [report] = await exported(folder, ['coco'], to, { withTruth: true });
    expect(report).toMatchObject({
      type: 'export.written',
      images: 5,
      leftOut: [{ code: 'MASK_GONE', count: 2, examples: ['train/1_2.tif', 'train/2_2.tif'] }],
    });
    const text = await readFile(join(to, 'coco', 'coco-truth.json'), 'utf8');
    const parsed = parseCoco(text, 'nerve');
    if (!parsed.ok) throw new Error(parsed.failure.message);
    const found = parsed.value.labels.map((label) => {
      const mask = rasterise(label, size);
      return [label.image, mask.ok && encodeRle(mask.value.data, size)];
    });
    expect(found).toEqual(['1_1', '2_1'].map((id) => [`train/${id}.tif`, truth(id)]));
    const { annotations } = JSON.parse(text) as { annotations: { score?: number }[] };
    expect(annotations.map(({ score }) => score)).toEqual([undefined, undefined]);
  });

  test('are files of labelme in a folder of their own', async () => {
    const [report] = await exported(folder, ['labelme'], to, { withTruth: true });
    expect(report).toMatchObject({ type: 'export.written', images: 7, leftOut: [] });
    for (const id of ids) {
      const path = join(to, 'labelme', 'truth', 'train', `${id}.json`);
      const parsed = parseLabelme(await readFile(path, 'utf8'), 'nerve');
      if (!parsed.ok) throw new Error(parsed.failure.message);
      const mask = rasterise(parsed.value.labels[0]!, size);
      expect(mask.ok && encodeRle(mask.value.data, size)).toBe(truth(id));
    }
  });

  test('are left alone where nobody asks for them', async () => {
    await exported(folder, ['coco', 'labelme'], to);
    expect((await readdir(join(to, 'coco'))).sort()).not.toContain('coco-truth.json');
    expect(await readdir(join(to, 'labelme'))).not.toContain('truth');
  });
});

describe('labelme', () => {
  test('has a file an image, which holds the mask to the pixel', async () => {
    await exported(folder, ['labelme'], to);
    expect((await readdir(join(to, 'labelme', 'test'))).sort()).toEqual([
      '1.json',
      '10.json',
      '2.json',
    ]);
    for (const [id, row] of rows) {
      const text = await readFile(join(to, 'labelme', 'test', `${id}.json`), 'utf8');
      const parsed = parseLabelme(text, 'nerve');
      if (!parsed.ok) throw new Error(parsed.failure.message);
      const [label] = parsed.value.labels;
      expect(label!.image).toBe(`${id}.tif`);
      const mask = rasterise(label!, size);
      expect(mask.ok && encodeRle(mask.value.data, size)).toBe(row);
    }
  });
});

describe('png', () => {
  test('says which originals are gone or changed', async () => {
    await folder.remove('test/2.tif');
    await folder.image('test/10.tif', 77);
    const [report] = await exported(folder, ['png'], to, { withTruth: true });
    expect(report).toMatchObject({
      type: 'export.written',
      images: 5,
      leftOut: [
        { code: 'GONE', count: 1, examples: ['test/2.tif'] },
        { code: 'CHANGED', count: 1, examples: ['test/10.tif'] },
      ],
    });
  });
});
