import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeRle } from '../../src/operators/rle.js';
import {
  type Image,
  type ImageDetails,
  type ImageList,
  imageDetailsSchema,
  imageListSchema,
  type Mask,
  maskSchema,
  type Problem,
  statusSchema,
} from '../../src/web/api.js';
import { RawFolder } from '../support/raw-folder.js';
import { runOnce } from '../support/running-pipeline.js';
import { type TiffPage, tiffOfPages } from '../support/tiff-pages.js';
import { ServedStore } from './served-store.js';

type Predicted = NonNullable<Image['prediction']>;

let folder: RawFolder;
let served: ServedStore;
const flags = { spacing: '0.5' };

const page = (seed: number): TiffPage => ({
  ...{ height: 20, width: 24, bits: 8 },
  pixels: Uint8Array.from({ length: 480 }, (_, at) => (at * seed * 7) % 256),
});

beforeAll(async () => {
  folder = await RawFolder.make();
  await folder.pairs(2, 2);
  for (const id of [1, 2, 10]) await folder.image(`test/${id}.tif`, id);
  await folder.image('test/30.tif', 5, { height: 200, width: 400 });
  await folder.write('test/7.tif', tiffOfPages([page(1), page(2), page(3)]));
  await runOnce(folder, { flags });
  served = await ServedStore.start(folder, { flags });
});
afterAll(async () => {
  await served.close();
  await folder.delete();
});

const list = async (query: string) => await served.json<ImageList>(`images?${query}`);
const keys = async (query: string) => (await list(query)).images.map(({ key }) => key);
const details = async (key: string) =>
  await served.json<ImageDetails>(`images/${encodeURIComponent(key)}`);
const rawFile = (path: string) => join(folder.raw, path);
const greyOf = async (file: string | Buffer) =>
  await sharp(file).toColourspace('b-w').raw().toBuffer();
const problem = async (path: string) => {
  const response = await served.get(`/api/v1/${path}`);
  return { status: response.status, ...((await response.json()) as Problem) };
};

test('status counts what is there and names the model', async () => {
  const status = statusSchema.parse(await served.json('status'));
  expect(status.program).toEqual({ running: true, command: 'watch' });
  expect(status.counts).toEqual({ train: 4, test: 7, predicted: 7, failed: 0 });
  expect(status.model?.id).toBeTruthy();
  served.events$.next({
    ...{ type: 'item.failed', path: 'test/99.tif', stage: 'decode' },
    ...{ code: 'DECODE_FAILED', message: 'no image' },
  });
  expect(statusSchema.parse(await served.json('status')).counts.failed).toBe(1);
});

describe('images', () => {
  test('come by name, numbers as numbers, a page at a time', async () => {
    const frames = ['test/7#1', 'test/7#2', 'test/7#3'];
    const all = imageListSchema.parse(await list('split=test'));
    expect(all.total).toBe(7);
    const names = all.images.map(({ key }) => key);
    expect(names.filter((key) => !frames.includes(key))).toEqual([
      'test/1',
      'test/2',
      'test/10',
      'test/30',
    ]);
    expect(await keys('split=test&order=desc')).toEqual(names.toReversed());
    expect(await keys('split=test&offset=2&limit=3')).toEqual(names.slice(2, 5));
    expect((await list('offset=500')).images).toEqual([]);
    expect((await list('offset=500')).total).toBe(11);
  });

  test('are chosen by split, subject, text and whether there is something', async () => {
    expect(await keys('split=train&subject=2')).toEqual(['train/2_1', 'train/2_2']);
    expect(await keys('text=TEST%2F1')).toEqual(['test/1', 'test/10']);
    const empty = await list('empty=yes');
    const drawn = await list('empty=no');
    expect(empty.images.every(({ prediction }) => prediction?.pixels === 0)).toBe(true);
    expect(drawn.images.every(({ prediction }) => (prediction?.pixels ?? 0) > 0)).toBe(true);
    expect(empty.total + drawn.total).toBe(7);
  });

  test.each([
    ['area', ({ pixels }: Predicted) => pixels],
    ['uncertainty', ({ uncertainty }: Predicted) => uncertainty],
    ['presence', ({ evidence }: Predicted) => evidence],
    ['age', ({ predictedAt }: Predicted) => Date.parse(predictedAt!)],
  ] as const)('are sorted by %s, those without come last', async (sort, read) => {
    const of = async (order: string) =>
      (await list(`sort=${sort}&order=${order}`)).images.map(({ prediction }) =>
        prediction === null ? null : read(prediction),
      );
    const [ascending, descending] = [await of('asc'), await of('desc')];
    const known = ascending.filter((value) => value !== null);
    const sorted = known.toSorted((a, b) => a - b);
    expect(ascending).toEqual([...sorted, ...Array(11 - known.length).fill(null)]);
    expect(descending).toEqual([...sorted.toReversed(), ...Array(11 - known.length).fill(null)]);
  });

  test('say what is known of each', async () => {
    const [image] = (await list('text=test/30')).images;
    expect(image).toMatchObject({
      ...{ key: 'test/30', id: '30', split: 'test', subject: null, height: 200, width: 400 },
      ...{ spacing: { rowMm: 0.5, columnMm: 0.5 }, hasTruth: false },
    });
    expect(image!.prediction!.areaMm2).toBe(image!.prediction!.pixels / 4);
    expect((await list('text=train/2_1')).images).toMatchObject([
      { subject: '2', hasTruth: true, prediction: null },
    ]);
  });

  test('have measures and the other frames of their file', async () => {
    const frame = imageDetailsSchema.parse(await details('test/7#1'));
    expect(frame.frames).toEqual({ keys: ['test/7#1', 'test/7#2', 'test/7#3'], index: 0 });
    expect(frame.measures.area_px).toBe(frame.prediction!.pixels);
    expect(frame.measures).not.toHaveProperty('id');
    expect(await details('train/1_1')).toMatchObject({ frames: null, measures: {} });
  });
});

describe('pictures', () => {
  const picture = async (key: string, query: string) =>
    await served.get(`/api/v1/pictures/${encodeURIComponent(key)}?${query}`);
  const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

  test('are the pixels of the file, as it was taken in', async () => {
    const full = await picture('test/2', 'size=full');
    expect(full.headers.get('content-type')).toBe('image/png');
    expect(await greyOf(await bytesOf(full))).toEqual(await greyOf(rawFile('test/2.tif')));
  });

  test('are small, kept, and kept for ever by who names the version', async () => {
    const thumb = await picture('test/30', 'size=thumb');
    expect(thumb.headers.get('content-type')).toBe('image/webp');
    expect(thumb.headers.get('cache-control')).toBe('no-cache');
    const first = await bytesOf(thumb);
    expect(await sharp(first).metadata()).toMatchObject({ width: 160, height: 80 });
    const kept = await readdir(join(folder.store, 'thumbnails'));
    const { version } = await details('test/30');
    const again = await picture('test/30', `size=thumb&v=${version}`);
    expect(again.headers.get('cache-control')).toContain('immutable');
    expect(await bytesOf(again)).toEqual(first);
    expect(await readdir(join(folder.store, 'thumbnails'))).toEqual(kept);
    const older = await picture('test/30', 'size=thumb&v=an-older-one');
    expect(older.headers.get('cache-control')).toBe('no-cache');
  });

  test('of a file that is gone are what the store has kept; the full one is not there', async () => {
    await rm(join(folder.raw, 'test', '10.tif'));
    const thumb = await picture('test/10', 'size=thumb');
    expect(await sharp(await bytesOf(thumb)).metadata()).toMatchObject({ width: 16, height: 16 });
    expect(await problem('pictures/test%2F10?size=full')).toMatchObject({
      ...{ status: 404, code: 'GONE' },
    });
  });
});

describe('masks', () => {
  const mask = async (key: string, of: string) =>
    maskSchema.parse(await served.json<Mask>(`masks/${encodeURIComponent(key)}?of=${of}`));

  test('are the row of submission.csv', async () => {
    const found = await mask('test/1', 'prediction');
    const [row] = await served.store.catalog.cache.readPredictions(['1']);
    expect(found).toEqual({ height: row!.height, width: row!.width, rle: row!.rle });
  });

  test('are what a person drew', async () => {
    const found = await mask('train/1_2', 'truth');
    const drawn = await greyOf(rawFile('train/1_2_mask.tif'));
    expect(found.rle).toBe(encodeRle(drawn, found));
  });

  test('that are not there are said not to be', async () => {
    expect(await problem('masks/train%2F1_1')).toMatchObject({
      status: 404,
      code: 'NO_PREDICTION',
    });
    expect(await problem('masks/test%2F1?of=truth')).toMatchObject({
      status: 404,
      code: 'NO_TRUTH',
    });
  });
});

test.each([
  ['images?limit=501', 400, 'BAD_QUERY'],
  ['images?limit=ten', 400, 'BAD_QUERY'],
  ['images?sort=weight', 400, 'BAD_QUERY'],
  ['images?who=me', 400, 'BAD_QUERY'],
  ['pictures/test%2F1?size=huge', 400, 'BAD_QUERY'],
  ['images/test%2F4711', 404, 'NO_IMAGE'],
  ['images/__proto__', 404, 'NO_IMAGE'],
  ['labels', 404, 'NOT_THERE'],
])('%s is refused with %i %s', async (path, status, code) => {
  expect(await problem(path)).toMatchObject({ status, code });
});

test('a change of the catalog is seen with the next look', async () => {
  const before = await details('test/2');
  const { catalog } = served.store;
  const [row] = await catalog.cache.readPredictions(['2']);
  const record = { ...row!, pixels: 3, rle: '1 3', fingerprint: 'another' };
  await catalog.commit([{ put: 'prediction', record }]);
  const [image] = (await list('text=test/2')).images;
  expect(image!.prediction!.pixels).toBe(3);
  expect(image!.version).not.toBe(before.version);
  await catalog.commit([{ remove: 'sample', key: 'test/2' }]);
  expect(await keys('text=test/2')).toEqual([]);
});
