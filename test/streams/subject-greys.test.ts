import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import { layoutOf } from '../../src/layout/layouts.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { readAgain } from '../../src/streams/intake/read-again.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { dicomFile, pictureElements } from '../support/dicom-file.js';
import { imageBytes, RawFolder } from '../support/raw-folder.js';
import { testSettings } from '../support/test-settings.js';
import { bytesOfValues, tiffOfPages } from '../support/tiff-pages.js';

const size = { height: 4, width: 5 };
let folder: RawFolder;
let store: OpenStore;

beforeEach(async () => {
  folder = await RawFolder.make();
  store = await openStore(folder.store, 'test');
});
afterEach(async () => {
  await store.close();
  await folder.delete();
});

const valuesTo = (most: number) => Uint16Array.from({ length: 20 }, (_, at) => (at * most) / 19);
const page = (most: number) => ({ ...size, bits: 16, pixels: bytesOfValues(valuesTo(most)) });
const tiff = (...mosts: number[]) => tiffOfPages(mosts.map(page));
const png = async (most: number) =>
  await sharp(valuesTo(most), { raw: { ...size, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toBuffer();

async function put(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder.raw, path)), { recursive: true });
  await writeFile(join(folder.raw, path), bytes);
}

async function takeIn(given: unknown = 'folders') {
  const layout = layoutOf(given);
  if (!layout.ok) throw new Error(layout.failure.message);
  const settings = { ...testSettings(folder), size, layout: layout.value };
  const events: PipelineEvent[] = [];
  await takeInOnce({ ...store, settings }, (event) => events.push(event));
  return events.flatMap((event) => (event.type === 'item.ingested' ? [event] : []));
}

/** The brightest grey of each image to predict. */
async function brightest() {
  const found: Record<string, number> = {};
  for (const { id, imageSha, preprocessing } of store.catalog.samplesOf('test')) {
    const [record] = await store.catalog.cache.readPixels([`${imageSha}:image:${preprocessing}`]);
    found[id] = Math.max(...record!.pixels);
  }
  return found;
}

describe('all files of a subject follow one rule of grey', () => {
  test('whichever comes first, and when one comes later or goes', async () => {
    await put('images/p1/1.png', await png(1000));
    await put('images/p2/1.png', await png(1000));
    await takeIn();
    expect(await brightest()).toEqual({ 'p1/1': 249, 'p2/1': 249 });

    await put('images/p1/2.tif', tiff(4000));
    const events = await takeIn();
    expect(await brightest()).toEqual({ 'p1/1': 62, 'p1/2': 249, 'p2/1': 249 });
    expect(events.filter(({ grey }) => grey === '12 bits').map(({ id }) => id)).toContain('p1/1');

    await folder.remove('images/p1/2.tif');
    await takeIn();
    expect(await brightest()).toEqual({ 'p1/1': 249, 'p2/1': 249 });
  });

  test('also the frames of its stacks, and what is looked at again at full size', async () => {
    await put('images/p1/1.tif', tiff(900, 500));
    await takeIn();
    await put('images/p1/2.tif', tiff(4000));
    await takeIn();
    expect(await brightest()).toEqual({ 'p1/1#1': 56, 'p1/1#2': 31, 'p1/2': 249 });
    const layout = layoutOf('folders');
    if (!layout.ok) throw new Error(layout.failure.message);
    const again = await readAgain(store.catalog.files.get('images/p1/1.tif//2')!, {
      ...{ raw: folder.raw, layout: layout.value, reading: {} },
    });
    expect(again).toMatchObject({ ok: true });
    if (again.ok) expect(Math.max(...again.value.data)).toBe(31);
  });

  test('a file that needs less than before gives the others back their range', async () => {
    await put('images/p1/1.tif', tiff(1000));
    await put('images/p1/2.tif', tiff(4000, 3000));
    await takeIn();
    await put('images/p1/2.tif', tiff(1000, 500));
    await takeIn();
    expect(await brightest()).toEqual({ 'p1/1': 249, 'p1/2#1': 249, 'p1/2#2': 125 });
  });

  test('what was left off half way is gone on with', async () => {
    await put('images/p1/1.tif', tiff(900, 500));
    await put('images/p1/2.tif', tiff(1000));
    await takeIn();
    // As it was when the other file had come and only the first page had been read again.
    const path = 'images/p1/1.tif//1';
    const record = store.catalog.files.get(path)!;
    const taken = { least: 0, most: 4095, type: 'whole' } as const;
    const range = { ...record.range!, taken };
    await store.catalog.commit([{ put: 'file', record: { ...record, sha256: 'another', range } }]);
    await takeIn();
    expect(store.catalog.files.get(path)).toEqual(record);
  });

  test('8 bits stay as they are, and floating point is something else', async () => {
    const floats = Float32Array.from({ length: 20 }, (_, at) => at / 19);
    const float = { ...size, bits: 32, format: 3, pixels: bytesOfValues(floats) };
    await put('images/p1/1.tif', imageBytes(1, size));
    await put('images/p1/2.tif', tiffOfPages([float]));
    await takeIn();
    const before = await brightest();
    await put('images/p1/3.tif', tiff(4000));
    const reasons = (await takeIn()).map(({ id, reason }) => `${id} ${reason}`).sort();
    expect(reasons).toEqual(['p1/1 cached', 'p1/2 cached', 'p1/3 new']);
    expect(await brightest()).toEqual({ ...before, 'p1/3': 249 });
  });

  test('where nobody knows the subject, each file by itself', async () => {
    await put('test/1.tif', tiff(1000));
    await put('test/2.tif', tiff(4000));
    await takeIn('kaggle');
    expect(await brightest()).toEqual({ 1: 249, 2: 249 });
  });

  test('a DICOM file says whom it shows', async () => {
    const dicom = (most: number) =>
      dicomFile({
        elements: pictureElements({ ...size, bits: [16, 16, 15] }),
        pixels: bytesOfValues(valuesTo(most)),
        pixelVr: 'OW',
      });
    await put('test/1.dcm', dicom(1000));
    await put('test/2.dcm', dicom(4000));
    await takeIn('kaggle');
    expect(await brightest()).toEqual({ 1: 62, 2: 249 });
  });
});
