import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filter, firstValueFrom, NEVER, ReplaySubject } from 'rxjs';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PipelineEvent } from '../../src/events.js';
import { layoutOf } from '../../src/layout/layouts.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { pixelKeysOf } from '../../src/store/pixel-keys.js';
import { auditCatalog } from '../../src/streams/audit/audit.js';
import { imagesToCache } from '../../src/streams/images-to-cache.js';
import { type FolderSignal, pathChanged } from '../../src/streams/intake/path-changed.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { imageBytes, RawFolder } from '../support/raw-folder.js';
import { sharedData } from '../support/shared-data.js';
import { testSettings } from '../support/test-settings.js';
import { bytesOfValues, tiffOfPages } from '../support/tiff-pages.js';

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

async function put(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder.raw, path)), { recursive: true });
  await writeFile(join(folder.raw, path), bytes);
}

async function takeIn(layout: unknown = 'kaggle', others: object = {}) {
  const read = layoutOf(layout);
  if (!read.ok) throw new Error(read.failure.message);
  const settings = { ...testSettings(folder), layout: read.value, ...others };
  const events: PipelineEvent[] = [];
  await takeInOnce({ ...store, settings }, (event) => events.push(event));
  return {
    events,
    samples: [...store.catalog.samples.keys()].sort(),
    codes: events.flatMap((event) => ('code' in event ? [event.code] : [])),
    reasons: events.flatMap((event) =>
      event.type === 'item.ingested' ? [`${event.id} ${event.reason}`] : [],
    ),
  };
}

const ellipse = (seed: number) =>
  sharp(
    Buffer.from(
      `<svg width="24" height="20"><rect width="24" height="20"/><ellipse cx="${10 + seed}" cy="10" rx="5" ry="4" fill="white"/></svg>`,
    ),
  )
    .toColourspace('b-w')
    .png()
    .toBuffer();

test('a part whose file went before it was known to be in parts is forgotten', async () => {
  await put('test/8.tif', imageBytes(1));
  await takeIn();
  const record = store.catalog.files.get('test/8.tif')!;
  const part = { ...record, path: 'test/9.tif//1' };
  await store.catalog.commit([{ put: 'file', record: part }]);
  const { samples } = await takeIn();
  expect([...store.catalog.files.keys()]).toEqual(['test/8.tif']);
  expect(samples).toEqual(['test/8']);
});

test('a mask that is an image by another layout is read again, as an image', async () => {
  await put('images/1.tif', imageBytes(1));
  await put('masks/1.tif', imageBytes(2));
  expect((await takeIn('folders')).samples).toEqual(['train/1']);
  expect((await takeIn('pairs')).samples).toEqual(['test/images/1', 'test/masks/1']);
  const keys = [...store.catalog.samplesOf('test')].map((sample) => pixelKeysOf(sample).image);
  expect(await store.catalog.cache.hasPixels(keys)).toEqual([true, true]);
  expect((await takeIn('folders')).samples).toEqual(['train/1']);
});

describe('--crop region', () => {
  const aloka = sharedData('dicom/gdcm-US-ALOKA-16.dcm');
  /** White in one column, of the whole screen or of what is left of it. */
  const stripe = async (width: number, height: number, column: number) => {
    const grey = Buffer.alloc(width * height);
    for (let row = 0; row < height; row++) grey[row * width + column] = 255;
    return await sharp(grey, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer();
  };
  const cut = { crop: 'region', size: { height: 392, width: 304 } };
  /** Columns of the mask that hold anything; the network has the very size of the cut. */
  const columnsOf = async (id: string) => {
    const sample = store.catalog.samples.get(`train/${id}`)!;
    const [mask] = await store.catalog.cache.readPixels([pixelKeysOf(sample).mask]);
    return [
      ...new Set(
        [...mask!.pixels.keys()].filter((at) => mask!.pixels[at] === 1).map((at) => at % 304),
      ),
    ];
  };

  test.skipIf(!existsSync(aloka))(
    'cuts masks and labels like their images, whichever comes first',
    async () => {
      await put('images/1.dcm', readFileSync(aloka));
      await put('masks/1.png', await stripe(640, 480, 132));
      await put('images/2.dcm', readFileSync(aloka));
      await put('masks/2.png', await stripe(304, 392, 100));
      const { samples, codes } = await takeIn('folders', cut);
      expect(samples).toEqual(['train/1', 'train/2']);
      expect(codes).toEqual([]);
      expect([await columnsOf('1'), await columnsOf('2')]).toEqual([[100], [100]]);

      await folder.remove('masks/1.png');
      const label = { segmentation: { size: [480, 640], counts: [480 * 142, 480, 480 * 497] } };
      const annotations = [{ ...label, id: 1, image_id: 1, category_id: 1 }];
      const categories = [{ id: 1, name: 'nerve' }];
      await put(
        'coco.json',
        JSON.stringify({ images: [{ id: 1, file_name: '1.dcm' }], annotations, categories }),
      );
      expect((await takeIn('folders', cut)).codes).toEqual([]);
      expect(await columnsOf('1')).toEqual([110]);

      await put('masks/2.png', await stripe(640, 470, 132));
      expect((await takeIn('folders', cut)).codes).toEqual(['MASK_SIZE_MISMATCH']);
    },
  );
});

describe('a table of pixel sizes', () => {
  const layout = {
    images: 'scans/{id}.png',
    spacing: { csv: 'sizes.csv', file: 'file', mm: 'mm' },
  };
  const spacingOf = (id: string) => store.catalog.samples.get(`test/${id}`)?.spacing?.rowMm;

  test('that changes, changes the sizes; nothing is read again', async () => {
    for (const id of ['1', '2']) await put(`scans/${id}.png`, await imageBytes(Number(id)));
    await put('sizes.csv', 'file,mm\n1.png,0.1\n');
    const first = await takeIn(layout);
    expect(first.codes).toEqual(['SPACING_UNKNOWN']);
    expect(JSON.stringify(first.events)).toContain('1 image, such as test/2');
    expect([spacingOf('1'), spacingOf('2')]).toEqual([0.1, undefined]);

    await put('sizes.csv', 'file,mm\n1.png,0.3\n2.png,0.2\n');
    const { reasons, codes } = await takeIn(layout);
    expect(reasons.sort()).toEqual(['1 settings-changed', '2 settings-changed']);
    expect(codes).toEqual([]);
    expect([spacingOf('1'), spacingOf('2')]).toEqual([0.3, 0.2]);

    expect((await takeIn(layout, { spacing: { rowMm: 1, columnMm: 1 } })).reasons).toHaveLength(2);
    expect(spacingOf('1')).toBe(1);
    await folder.remove('sizes.csv');
    expect((await takeIn(layout)).codes).toEqual(['SPACING_UNKNOWN']);
    expect(spacingOf('1')).toBe(undefined);
  });

  test('that changes while it watches', async () => {
    await put('scans/1.png', await imageBytes(1));
    await put('sizes.csv', 'file,mm\n1.png,0.1\n');
    const read = layoutOf(layout);
    if (!read.ok) throw new Error(read.failure.message);
    const settings = { ...testSettings(folder), layout: read.value };
    const signals$ = new ReplaySubject<FolderSignal>();
    const intake = imagesToCache({
      ...store,
      settings,
      signals$,
      reconcileEveryMs: 0,
      paused$: NEVER,
    });
    const running = intake.run().subscribe();
    const idle = () => firstValueFrom(intake.busy$.pipe(filter((busy) => !busy)));
    try {
      for (const path of ['scans/1.png', 'sizes.csv']) signals$.next(pathChanged(path));
      signals$.next({ type: 'scanned' });
      await idle();
      expect(spacingOf('1')).toBe(0.1);
      await put('sizes.csv', 'file,mm\n1.png,0.4\n');
      signals$.next(pathChanged('sizes.csv'));
      await idle();
      expect(spacingOf('1')).toBe(0.4);
    } finally {
      running.unsubscribe();
    }
  });
});

describe('files without an ending', () => {
  const ultrasound = sharedData('dicom/US1_UNCR.dcm');

  test.skipIf(!existsSync(ultrasound))(
    "scanners' DICOM files are taken in, others are ignored",
    async () => {
      const dicom = readFileSync(ultrasound);
      await put('images/IM0001', dicom);
      await put('images/US.1.2.840.10008.7', dicom);
      await put(
        'masks/IM0001.png',
        await sharp({ create: { width: 640, height: 480, channels: 3, background: 'white' } })
          .png()
          .toBuffer(),
      );
      await put('images/notes2', 'measured on Monday');
      await put('README', 'read me');
      const { samples, events, codes } = await takeIn('folders');
      expect(samples).toEqual(['test/US.1.2.840.10008.7', 'train/IM0001']);
      expect(codes).not.toContain('NOT_AN_IMAGE');
      const told = events.find(
        (event) => event.type === 'notice' && event.code === 'FILES_IGNORED',
      );
      expect(told).toMatchObject({ message: expect.stringMatching(/2 files are ignored.*notes2/) });
    },
  );

  test.skipIf(!existsSync(ultrasound))("in Kaggle's folders too", async () => {
    const dicom = readFileSync(ultrasound);
    await put('test/0007', dicom);
    await put('train/1_2', dicom);
    await put('test/8', 'no image');
    await put('test/9.tif', 'no image');
    const { samples, codes } = await takeIn();
    expect(samples).toEqual(['test/7']);
    expect(codes).toEqual(['NOT_AN_IMAGE', 'FILES_IGNORED']);
  });

  test.skipIf(!existsSync(ultrasound))("and by patterns of one's own", async () => {
    await put('scans/p1/IM0001', readFileSync(ultrasound));
    const layout = { predict: 'scans/{subject}/{id}' };
    expect((await takeIn(layout)).samples).toEqual(['test/IM0001']);
  });
});

describe('folders', () => {
  test('an image with a mask is to train on, one without to be predicted; both can change', async () => {
    await put('images/p1/1.png', await imageBytes(1));
    await put('masks/p1/1.png', await ellipse(0));
    await put('images/p1/2.png', await imageBytes(2));
    const { samples, codes } = await takeIn('folders');
    expect(samples).toEqual(['test/p1/2', 'train/p1/1']);
    // A folder may be called as a scanner calls its files.
    expect(codes).toEqual([]);
    expect(store.catalog.samples.get('train/p1/1')!.subject).toBe('p1');

    await put('masks/p1/2.png', await ellipse(1));
    await folder.remove('masks/p1/1.png');
    expect((await takeIn('folders')).samples).toEqual(['test/p1/1', 'train/p1/2']);
  });

  test('links that lead in a circle have an end', async () => {
    await put('images/1.png', await imageBytes(1));
    for (const name of ['a', 'b']) await symlink(folder.raw, join(folder.raw, name));
    const { samples } = await takeIn('folders');
    expect(samples).toEqual(['test/1']);
  });

  test('what another layout took in is gone with that layout', async () => {
    await put('train/1_1.png', await imageBytes(1));
    await put('train/1_1_mask.png', await ellipse(0));
    expect((await takeIn('kaggle')).samples).toEqual(['train/1_1']);
    expect((await takeIn('pairs')).samples).toEqual(['train/train/1_1']);
    expect((await takeIn('kaggle')).samples).toEqual(['train/1_1']);
  });
});

test("in a layout of one's own that predicts nothing else, what has no mask is predicted", async () => {
  await put('i/1.png', await imageBytes(1));
  await put('i/2.png', await imageBytes(2));
  await put('m/1.png', await ellipse(0));
  const { samples } = await takeIn({ images: 'i/{id}.png', masks: 'm/{id}.png' });
  expect(samples).toEqual(['test/2', 'train/1']);
});

test('an outline is what it encloses', async () => {
  const ring = await sharp(
    Buffer.from(
      '<svg width="24" height="20"><rect width="24" height="20"/><ellipse cx="12" cy="10" rx="8" ry="7" fill="none" stroke="white" stroke-width="2"/></svg>',
    ),
  )
    .toColourspace('b-w')
    .png()
    .toBuffer();
  await put('images/1.png', await imageBytes(1));
  await put('masks/1.png', ring);
  await takeIn('folders', { maskKind: 'outline', size: { height: 20, width: 24 } });
  const { maskSha, preprocessing } = store.catalog.samples.get('train/1')!;
  const [mask] = await store.catalog.cache.readPixels([`${maskSha}:mask:${preprocessing}`]);
  expect(mask!.pixels[10 * 24 + 12]).toBe(1);
  expect(preprocessing).toContain('maskKind=outline');
});

describe('labels of many images in one file', () => {
  const coco = (boxes: Readonly<Record<string, number>>) =>
    JSON.stringify({
      images: Object.keys(boxes).map((name, id) => ({
        id,
        file_name: name,
        height: 20,
        width: 24,
      })),
      annotations: Object.values(boxes).map((x, id) => ({
        id,
        image_id: id,
        category_id: 1,
        segmentation: [[x, 4, x + 6, 4, x + 6, 12, x, 12]],
      })),
      categories: [{ id: 1, name: 'nerve' }],
    });

  test('COCO: a change redoes the samples whose label changed, and no other', async () => {
    for (const name of ['1.png', '2.png']) {
      await put(`images/${name}`, await imageBytes(Number(name[0])));
    }
    await put('annotations.json', coco({ '1.png': 2, '2.png': 4 }));
    expect((await takeIn('folders')).samples).toEqual(['train/1', 'train/2']);
    await put('annotations.json', coco({ '1.png': 2, '2.png': 10 }));
    expect((await takeIn('folders')).reasons.sort()).toEqual(['1 cached', '2 mask-changed']);
    await put('annotations.json', coco({ '1.png': 2 }));
    expect((await takeIn('folders')).samples).toEqual(['test/2', 'train/1']);
  });

  test('a label is drawn anew when its image has another size, and goes with its image', async () => {
    const small = await imageBytes(1);
    await put('train/1_1.tif', small);
    await put('train_masks.csv', 'subject,img,pixels\n1,1,21 5 41 5\n');
    expect((await takeIn()).samples).toEqual(['train/1_1']);
    const other = await sharp({
      create: { width: 40, height: 30, channels: 3, background: 'grey' },
    });
    await put('train/1_1.tif', await other.tiff().toBuffer());
    const { samples, codes } = await takeIn();
    expect(codes).toEqual([]);
    expect(samples).toEqual(['train/1_1']);
    expect(store.catalog.files.get('train_masks.csv//1_1')).toMatchObject({
      height: 30,
      width: 40,
    });

    await folder.remove('train/1_1.tif');
    expect((await takeIn()).samples).toEqual([]);
    expect([...store.catalog.files.keys()]).toEqual([]);
    await put('train/1_1.tif', small);
    expect((await takeIn()).samples).toEqual(['train/1_1']);
  });

  test("Kaggle's train_masks.csv, whose rows do not tell how large an image is", async () => {
    await put('train/1_1.png', await imageBytes(1));
    await put('train/1_2.png', await imageBytes(2));
    await put('train_masks.csv', 'subject,img,pixels\n1,1,21 5 41 5\n1,2,\n');
    const { samples, codes } = await takeIn();
    expect(samples).toEqual(['train/1_1', 'train/1_2']);
    expect(codes).toEqual([]);
  });
});

describe('what is left out is told', () => {
  test('where nothing counts, with examples and the layout to try', async () => {
    await put('image_1.png', await imageBytes(1));
    await put('image_1_mask.png', await ellipse(0));
    const { events } = await takeIn();
    expect(events).toContainEqual(
      expect.objectContaining({
        code: 'NOTHING_RECOGNISED',
        message: expect.stringMatching(
          /image_1\.png.*--layout pairs would take in 1 pair and predict 0 images/,
        ),
      }),
    );
  });

  test('some files beside others, once', async () => {
    await put('test/1.png', await imageBytes(1));
    await put('test/notes.txt', 'x');
    expect((await takeIn()).codes).toEqual(['FILES_IGNORED']);
  });

  test('a mask of nearly everything, and one that is its image', async () => {
    await put('train/1_1.png', await imageBytes(1));
    await put(
      'train/1_1_mask.png',
      await sharp(await ellipse(0))
        .negate()
        .png()
        .toBuffer(),
    );
    await put('train/1_2.png', await imageBytes(2));
    await put('train/1_2_mask.png', await readFile(join(folder.raw, 'train/1_2.png')));
    const { codes } = await takeIn();
    expect(codes).toContain('MASK_COVERS_MOST');
    expect(codes).toContain('MASK_IS_ITS_IMAGE');
    // After a restart, audit still lists what was doubtful when the file was read.
    await store.close();
    store = await openStore(folder.store, 'test');
    const { doubts } = await auditCatalog(store.catalog, testSettings(folder), []);
    const listed = doubts.map(({ code, mask }) => `${mask?.file} ${code}`);
    expect(listed).toContain('train/1_1_mask.png MASK_COVERS_MOST');
    expect(listed).toContain('train/1_2_mask.png MASK_IS_ITS_IMAGE');
  });

  test('one that is its image of 16 bits, whose black and white are those of its subject', async () => {
    const size = { height: 4, width: 5 };
    const tiff = (mosts: readonly number[]) =>
      tiffOfPages(
        mosts.map((most) => {
          const values = Uint16Array.from({ length: 20 }, (_, at) => (at * most) / 19);
          return { ...size, bits: 16, pixels: bytesOfValues(values) };
        }),
      );
    await put('train/1_1.tif', tiff([4000]));
    await put('train/1_1_mask.tif', tiff([4000]));
    await put('train/1_2.tif', tiff([1000]));
    await put('train/1_2_mask.tif', tiff([1000]));
    await put('train/1_3.tif', tiff([900, 800]));
    await put('train/1_3_mask.tif', tiff([900, 800]));
    await put('train/1_4.tif', tiff([700]));
    await put('train/1_4_mask.tif', tiff([701]));
    const { events } = await takeIn();
    const told = events.flatMap((event) =>
      'code' in event && event.code === 'MASK_IS_ITS_IMAGE' ? [event.message] : [],
    );
    expect(told).toContain('train/1_2_mask.tif is the same file as its image.');
    const { doubts } = await auditCatalog(store.catalog, testSettings(folder), []);
    const listed = doubts.flatMap(({ code, mask }) =>
      code === 'MASK_IS_ITS_IMAGE' ? [mask?.file] : [],
    );
    expect(listed).toEqual([
      'train/1_1_mask.tif',
      'train/1_2_mask.tif',
      'train/1_3_mask.tif//1',
      'train/1_3_mask.tif//2',
    ]);
  });
});

const odd = sharedData('odd');
describe.skipIf(!existsSync(odd))('files that once went wrong', () => {
  const putOdd = async (path: string, name: string) =>
    await put(path, await readFile(join(odd, name)));
  const pixelsOf = async (key: string, half: 'image' | 'mask') => {
    const { imageSha, maskSha, preprocessing } = store.catalog.samples.get(key)!;
    const sha = half === 'image' ? imageSha : maskSha;
    const [record] = await store.catalog.cache.readPixels([`${sha}:${half}:${preprocessing}`]);
    return [...record!.pixels];
  };
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  test.each([
    'u16_12bit.tif',
    'u16_8bit.tif',
  ])('16 bits of which fewer are used: %s', async (name) => {
    await putOdd('test/1.tif', name);
    await takeIn('kaggle', { size: { height: 48, width: 80 } });
    const grey = await pixelsOf('test/1', 'image');
    expect(mean(grey)).toBeGreaterThan(125);
    expect(mean(grey)).toBeLessThan(129);
    expect(new Set(grey).size).toBeGreaterThan(70);
  });

  test('the pages of a stack are samples, and those of a mask are its masks', async () => {
    await putOdd('test/1.tif', 'stack_gray.tif');
    await putOdd('train/1_1.tif', 'mask_stack.tif');
    await putOdd('train/1_1_mask.tif', 'mask_stack.tif');
    const { samples, codes } = await takeIn();
    expect(samples).toEqual(['test/1#1', 'test/1#2', 'test/1#3', 'train/1_1#1', 'train/1_1#2']);
    expect(codes).toContain('MASK_STACK_STARTS_EMPTY');
  });

  test.each([
    'mask_f32_1.tif',
    'mask_f64.tif',
    'mask_i32.tif',
    'mask_alpha_only.png',
  ])('a mask as people save it: %s', async (name) => {
    await putOdd('train/1_1.tif', 'u16_8bit.tif');
    await putOdd(`train/1_1_mask${name.slice(-4)}`, name);
    await takeIn('kaggle', { size: { height: 48, width: 80 } });
    expect(mean(await pixelsOf('train/1_1', 'mask'))).toBeCloseTo(0.152, 1);
  });
});

const dicom = sharedData('dicom');
describe.skipIf(!existsSync(dicom))('DICOM', () => {
  const put8 = async () => {
    for (const name of readdirSync(dicom).filter((each) => each.endsWith('.dcm'))) {
      await put(`test/${name}`, readFileSync(join(dicom, name)));
    }
  };

  test('a frame is a sample; equal pictures are equal; no name and no id is kept', async () => {
    await put8();
    const { samples, events } = await takeIn({ predict: 'test/{id}.dcm' });
    expect(samples).toHaveLength(37);
    expect(samples).toContain('test/examples_ybr_color#30');
    const pixelsOf = async (id: string) => {
      const { imageSha, preprocessing } = store.catalog.samples.get(`test/${id}`)!;
      const [record] = await store.catalog.cache.readPixels([`${imageSha}:image:${preprocessing}`]);
      return [...record!.pixels];
    };
    expect(await pixelsOf('US1_J2KR')).toEqual(await pixelsOf('US1_UNCR'));
    expect(await pixelsOf('gdcm-US-ALOKA-16')).toEqual(await pixelsOf('gdcm-US-ALOKA-16_big'));
    expect(store.catalog.samples.get('test/gdcm-US-ALOKA-16')!.spacing!.rowMm).toBeCloseTo(
      0.3827,
      3,
    );
    await store.close();
    const written = [JSON.stringify(events), ...textsIn(folder.store)].join('\n');
    for (const secret of [
      'PLA',
      'NAME^PATIENT',
      '11-05-25-142825',
      '98279',
      '13US1',
      'CompressedSamples',
    ]) {
      expect(written.includes(secret), secret).toBe(false);
    }
    store = await openStore(folder.store, 'test');
  }, 30_000);

  test('--frames takes fewer of them', async () => {
    await put8();
    const { samples } = await takeIn({ predict: 'test/{id}.dcm' }, { frames: { every: 10 } });
    const ofLoop = samples.filter((key) => key.startsWith('test/examples_ybr'));
    expect(ofLoop.map((key) => key.split('#')[1]).sort()).toEqual(['1', '11', '21']);
  }, 30_000);
});

function textsIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}
