import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutOf } from '../../src/layout/layouts.js';
import { openStore } from '../../src/store/open-store.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { predictOnce } from '../../src/streams/prediction/predict-once.js';
import { FakeCompute, fakeCard, placeModel } from '../support/fake-compute.js';
import { imageBytes, maskBytes, RawFolder } from '../support/raw-folder.js';
import { testSettings } from '../support/test-settings.js';
import { bytesOfValues, tiffOfPages } from '../support/tiff-pages.js';

const histories = Number(process.env.NERVEFLOW_HISTORIES ?? 12);
const size = { height: 20, width: 24 };
const card = fakeCard({ modelId: 'the-same' });

/** A stack as ImageJ writes one: its pages lie behind the first. */
function stackOf(pages: number): Uint8Array {
  const values = Buffer.concat(
    Array.from({ length: pages }, (_, nth) => Buffer.alloc(480, 40 * (nth + 1))),
  );
  const description = Buffer.from(`ImageJ=1.53\nimages=${pages}\n\0`);
  const entries = [
    [256, 4, 1, size.width],
    [257, 4, 1, size.height],
    [258, 3, 1, 8],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [270, 2, description.length, 8],
    [273, 4, 1, 8 + description.length],
    [277, 3, 1, 1],
    [278, 4, 1, size.height],
    [279, 4, 1, 480],
  ];
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length, 0);
  for (const [nth, [tag, type, count, value]] of entries.entries()) {
    const at = 2 + nth * 12;
    directory.writeUInt16LE(tag!, at);
    directory.writeUInt16LE(type!, at + 2);
    directory.writeUInt32LE(count!, at + 4);
    if (type === 3) directory.writeUInt16LE(value!, at + 8);
    else directory.writeUInt32LE(value!, at + 8);
  }
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(8 + description.length + values.length, 4);
  return new Uint8Array(Buffer.concat([head, description, values, directory]));
}

/** Of 8, 10 or 12 bits in 16, a page each. */
function deepStackOf(mosts: readonly number[]): Uint8Array {
  const values = (most: number) =>
    bytesOfValues(Uint16Array.from({ length: 480 }, (_, at) => (at * most) / 479));
  return tiffOfPages(mosts.map((most) => ({ ...size, bits: 16, pixels: values(most) })));
}

/** Where the file does not say how large its images are, they do. */
const labels = (xs: readonly number[], saysSize: boolean) =>
  JSON.stringify({
    images: xs.map((_, id) => ({ id, file_name: `${id + 1}.tif`, ...(saysSize && size) })),
    annotations: xs.map((x, id) => ({
      ...{ id, image_id: id, category_id: 1, segmentation: [[x, 4, x + 6, 4, x + 6, 12, x, 12]] },
    })),
    categories: [{ id: 1, name: 'nerve' }],
  });

/** Of the first images, as many as there are numbers. */
const sizesTable = (sizes: readonly number[]) =>
  ['file,mm', ...sizes.map((size, nth) => `${nth + 1}.tif,0.${size}`)].join('\n');

const withTable = {
  ...{ images: 'images/{id}.tif', masks: 'masks/{id}.tif', labels: 'coco.json' },
  spacing: { csv: 'sizes.csv', file: 'file', mm: 'mm' },
};

type Step =
  | { readonly do: 'write'; readonly path: string; readonly bytes: Uint8Array | string }
  | { readonly do: 'remove'; readonly path: string }
  | { readonly do: 'take-in'; readonly layout: string };

const paths = ['images/1.tif', 'images/2.tif', 'masks/1.tif', 'masks/2.tif', 'images/s.tif'];
const bytesOf = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((seed) => imageBytes(seed)),
  fc.integer({ min: 1, max: 4 }).map((seed) => maskBytes(seed)),
  fc.integer({ min: 2, max: 3 }).map(stackOf),
  fc.integer({ min: 30, max: 31 }).map((width) => imageBytes(1, { height: 20, width })),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      path: fc.constantFrom(...paths),
      bytes: bytesOf,
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(fc.integer({ min: 0, max: 16 }), { maxLength: 2 }), fc.boolean())
      .map((drawn): Step => ({ do: 'write', path: 'coco.json', bytes: labels(...drawn) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 })
      .map((sizes): Step => ({ do: 'write', path: 'sizes.csv', bytes: sizesTable(sizes) })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      path: fc.constantFrom(...paths, 'coco.json', 'sizes.csv'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('take-in' as const),
      layout: fc.constantFrom('folders', 'folders', 'pairs', 'table'),
    }),
  },
);

/** Two subjects, one of them with several files: of how many bits is drawn. */
const greyPath = fc.constantFrom(
  'images/p/1.tif',
  'images/p/2.tif',
  'images/p/3.tif',
  'images/1.tif',
);
const deep = fc.array(fc.constantFrom(200, 900, 4000), { minLength: 1, maxLength: 2 });
const greyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(greyPath, fc.oneof(deep.map(deepStackOf), fc.constant(imageBytes(1))))
      .map(([path, bytes]): Step => ({ do: 'write', path, bytes })),
  },
  { weight: 2, arbitrary: greyPath.map((path): Step => ({ do: 'remove', path })) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'take-in', layout: 'folders' }) },
);

async function takenIn(folder: RawFolder, storeFolder: string, name: string) {
  const layout = layoutOf(name === 'table' ? withTable : name);
  if (!layout.ok) throw new Error(layout.failure.message);
  const store = await openStore(storeFolder, 'test');
  try {
    const settings = { ...testSettings(folder), settle: 20, layout: layout.value };
    await takeInOnce({ ...store, settings }, () => {});
    await placeModel(store.paths.models, card);
    const context = { ...store, settings, compute: new FakeCompute(), emit: () => {} };
    await predictOnce(context, new AbortController().signal);
    const csv = await readFile(store.paths.submission, 'utf8');
    const measurements = await readFile(store.paths.measurements, 'utf8');
    const files = [...store.catalog.files.keys()].sort();
    const samples = [...store.catalog.samples.values()]
      .map(({ id, split, imageSha, maskSha, subject, spacing }) => ({
        ...{ id, split, imageSha, maskSha },
        ...{ subject, spacing },
      }))
      .sort((a, b) => (`${a.split}/${a.id}` < `${b.split}/${b.id}` ? -1 : 1));
    return { files, samples, csv, measurements };
  } finally {
    await store.close();
  }
}

async function expectFreshAfter(steps: fc.Arbitrary<Step>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 14 }), async (history) => {
      const folder = await RawFolder.make();
      try {
        let layout = 'folders';
        for (const each of history) {
          const path = each.do === 'take-in' ? '' : join(folder.raw, each.path);
          if (each.do === 'take-in') {
            layout = each.layout;
            await takenIn(folder, folder.store, layout);
          } else if (each.do === 'remove') await rm(path, { force: true });
          else {
            await mkdir(dirname(path), { recursive: true });
            await writeFile(path, each.bytes);
          }
        }
        const lived = await takenIn(folder, folder.store, layout);
        expect(lived).toEqual(await takenIn(folder, `${folder.store}-fresh`, layout));
      } finally {
        await rm(`${folder.store}-fresh`, { recursive: true, force: true });
        await folder.delete();
      }
    }),
    { numRuns: histories },
  );
}

test('after any history of frames, labels and layouts the store is that of a fresh run', async () => {
  await expectFreshAfter(step);
}, 600_000);

test('after any history of files of 8 to 12 bits the store is that of a fresh run', async () => {
  await expectFreshAfter(greyStep);
}, 600_000);
