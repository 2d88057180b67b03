import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exported } from '../support/exported.js';
import { describeWithReaders, python } from '../support/foreign-readers.js';
import { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';

let folder: RawFolder;
let to: string;

beforeEach(async () => {
  folder = await RawFolder.make();
  to = join(folder.home, 'export');
});
afterEach(async () => await folder.delete());

const describeArrays = `
import json, sys, numpy as np
names = ['imgs_train', 'imgs_mask_train', 'imgs_test', 'imgs_mask_test', 'imgs_id_test']
arrays = {name: np.load(sys.argv[1] + '/' + name + '.npy') for name in names}
print(json.dumps({
  'shapes': {name: [str(a.dtype), *a.shape] for name, a in arrays.items()},
  'ids': arrays['imgs_id_test'].tolist(),
  'maskValues': np.unique(arrays['imgs_mask_train']).tolist(),
  'covered': (arrays['imgs_mask_test'].reshape(len(arrays['imgs_id_test']), -1).mean(axis=1)).tolist(),
  'greys': int(np.unique(arrays['imgs_test']).size),
}))`;

describeWithReaders('npy, read by numpy', () => {
  test('holds the arrays of the tutorial', async () => {
    await folder.pairs(2, 3);
    // Another size, which stands in the same array.
    await folder.image('test/2.tif', 2, { height: 30, width: 40 });
    for (const id of [10, 1]) await folder.image(`test/${id}.tif`, id);
    await runOnce(folder);
    await exported(folder, ['npy'], to);
    const found = python(describeArrays, join(to, 'npy')) as Record<string, unknown>;
    expect(found.shapes).toEqual({
      imgs_train: ['uint8', 6, 16, 16],
      imgs_mask_train: ['uint8', 6, 16, 16],
      imgs_test: ['uint8', 3, 16, 16],
      imgs_mask_test: ['float32', 3, 16, 16, 1],
      imgs_id_test: ['int32', 3],
    });
    expect(found.ids).toEqual([1, 2, 10]);
    expect(found.maskValues).toEqual([0, 255]);
    expect(found.greys).toBeGreaterThan(10);
    const rows = await readFile(join(folder.store, 'measurements.csv'), 'utf8');
    const [header, ...lines] = rows.trim().split('\n');
    const column = header!.split(',').indexOf('area_px');
    const sizes = [20 * 24, 30 * 40, 20 * 24];
    for (const [nth, line] of lines.entries()) {
      const share = Number(line.split(',')[column]) / sizes[nth]!;
      expect((found.covered as number[])[nth]).toBeCloseTo(share, 2);
    }
  });

  test('names what has no number', async () => {
    for (const [nth, id] of ['p1/a', 'p1/b', 'p2/a', 'p2/b'].entries()) {
      await folder.image(`${id.slice(0, 2)}/images/${id.slice(3)}.tif`, nth);
      await folder.mask(`${id.slice(0, 2)}/masks/${id.slice(3)}.tif`, nth);
    }
    await folder.image('p3/images/left-ü.tif', 9);
    await runOnce(folder, { flags: { layout: 'folders' } });
    const [report] = await exported(folder, ['npy'], to, { layout: 'folders' });
    expect(report).toMatchObject({ leftOut: [] });
    const found = python(describeArrays, join(to, 'npy')) as { ids: unknown[] };
    expect(found.ids).toEqual(['p3/left-ü']);
  });
});
