import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseSubmission } from '../../src/store/submission-csv.js';
import { exported } from '../support/exported.js';
import { describeWithReaders, python } from '../support/foreign-readers.js';
import { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';
import { type TiffPage, tiffOfPages } from '../support/tiff-pages.js';

let folder: RawFolder;
let to: string;

beforeEach(async () => {
  folder = await RawFolder.make();
  to = join(folder.home, 'export');
  await folder.pairs(2, 2);
});
afterEach(async () => await folder.delete());

const rows = async () =>
  Object.fromEntries(parseSubmission(await readFile(join(folder.store, 'submission.csv'), 'utf8')));

const page = (seed: number): TiffPage => ({
  ...{ height: 20, width: 24, bits: 8 },
  pixels: Uint8Array.from({ length: 480 }, (_, at) => (at * seed * 7) % 256),
});

/** Kaggle's run lengths of a mask, by numpy alone. */
const runLengths = `
import json, sys, numpy as np
def rle(mask):
    flat = np.concatenate([[0], (np.asarray(mask) != 0).astype(int).T.flatten(), [0]])
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return ' '.join(f'{a} {b - a}' for a, b in zip(edges[::2], edges[1::2]))
`;

/** maskApi.c of pycocotools, rleFrString and rleDecode, by its published rules. */
const readCoco = `${runLengths}
file = json.load(open(sys.argv[1]))
names = {image['id']: image for image in file['images']}
found = {}
for image in file['images']: found[image['file_name']] = ''
for a in file['annotations']:
    h, w = a['segmentation']['size']
    s, p, counts = a['segmentation']['counts'], 0, []
    while p < len(s):
        x, k, more = 0, 0, True
        while more:
            c = ord(s[p]) - 48
            x |= (c & 0x1f) << 5 * k
            more = bool(c & 0x20)
            p += 1; k += 1
            if not more and c & 0x10: x |= -1 << 5 * k
        if len(counts) > 2: x += counts[-2]
        counts.append(x)
    flat = np.repeat(np.arange(len(counts)) % 2, counts)
    mask = flat.reshape((h, w), order='F')
    ys, xs = np.nonzero(mask)
    assert a['area'] == mask.sum()
    assert a['bbox'] == [xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1]
    found[names[a['image_id']]['file_name']] = rle(mask)
print(json.dumps(found))`;

const readNifti = `${runLengths}
import nibabel
found = {}
for path in sys.argv[1:]:
    image = nibabel.load(path)
    data = np.asarray(image.dataobj)
    found[path.split('/')[-1]] = {
        'shape': data.shape, 'type': str(data.dtype), 'zooms': [round(float(z), 4) for z in image.header.get_zooms()],
        'affine': np.round(np.diag(image.affine), 4).tolist(), 'units': image.header.get_xyzt_units()[0],
        'rows': [rle(data[:, :, k].T) for k in range(data.shape[2])],
    }
print(json.dumps(found))`;

const readPng = `${runLengths}
from PIL import Image
found = {}
for path in sys.argv[1:]:
    image = np.asarray(Image.open(path)).astype(int)
    line = (image[..., 0] != image[..., 1]) | (image[..., 1] != image[..., 2])
    found[path.split('/')[-2] + '/' + path.split('/')[-1]] = {
        'shape': image.shape, 'pixels': int(line.sum()), 'colours': np.unique(image[line], axis=0).tolist(),
    }
print(json.dumps(found))`;

describeWithReaders('exports of masks, read by others', () => {
  test("coco by pycocotools' rules", async () => {
    for (const id of [1, 2]) await folder.image(`test/${id}.tif`, id);
    await runOnce(folder);
    await exported(folder, ['coco'], to);
    const expected = Object.entries(await rows()).map(([id, row]) => [`test/${id}.tif`, row]);
    expect(python(readCoco, join(to, 'coco', 'coco-rle.json'))).toEqual(
      Object.fromEntries(expected),
    );
  });

  test('nifti by nibabel, frames of a file in one volume', async () => {
    await folder.image('test/2.tif', 2);
    await folder.write('test/7.tif', tiffOfPages([1, 2, 3].map(page)));
    const flags = { spacing: '0.05' };
    await runOnce(folder, { flags });
    const [report] = await exported(folder, ['nifti'], to, flags);
    expect(report).toMatchObject({ images: 4, leftOut: [] });
    const expected = await rows();
    const found = python(readNifti, ...['2', '7'].map((id) => join(to, 'nifti', `${id}.nii.gz`)));
    expect(found).toMatchObject({
      '2.nii.gz': {
        shape: [24, 20, 1],
        type: 'uint8',
        zooms: [0.05, 0.05, 1],
        affine: [-0.05, -0.05, 1, 1],
        units: 'mm',
        rows: [expected['2']],
      },
      '7.nii.gz': { rows: [expected['7#1'], expected['7#2'], expected['7#3']] },
    });
  });

  test('overlays by PIL, outlines of both colours', async () => {
    await folder.image('test/2.tif', 2);
    await runOnce(folder);
    await exported(folder, ['png'], to, { withTruth: true });
    const paths = ['test/2.png', 'train/1_1.png'].map((name) => join(to, 'png', name));
    const found = python(readPng, ...paths) as Record<string, { pixels: number }>;
    expect(found).toMatchObject({
      'test/2.png': { shape: [20, 24, 3], colours: [[255, 135, 0]] },
      'train/1_1.png': { shape: [20, 24, 3], colours: [[47, 155, 255]] },
    });
    for (const { pixels } of Object.values(found)) expect(pixels).toBeGreaterThan(0);
  });
});
