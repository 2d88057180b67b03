import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { fakeCard, placeModel } from '../support/fake-compute.js';
import { imageBytes, RawFolder } from '../support/raw-folder.js';
import { RunningPipeline, runOnce } from '../support/running-pipeline.js';

const images = [
  'test/1.tif',
  'test/1.png',
  'test/02.tif',
  'test/3.tif',
  'train/1_1.tif',
  'train/1_2.tif',
];
const masks = ['train/1_1_mask.tif', 'train/1_2_mask.tif', 'train/1_2_mask.png'];
const anyPath = fc.constantFrom(...images, ...masks);
const seed = fc.integer({ min: 1, max: 4 });

/** What a person, a scanner or another program may do to the folder, and to this one. */
type Act =
  | { readonly act: 'image'; readonly path: string; readonly seed: number }
  | { readonly act: 'mask'; readonly path: string; readonly seed: number; readonly small: boolean }
  | { readonly act: 'garbage' | 'truncated' | 'touch' | 'remove'; readonly path: string }
  | { readonly act: 'rename'; readonly from: string; readonly to: string }
  | { readonly act: 'remove-folder'; readonly path: string }
  /** With the pixels' size in millimetres: measurements change, and no prediction. */
  | { readonly act: 'restart'; readonly spacing: number }
  /** Another model predicts from now on. */
  | { readonly act: 'use'; readonly model: string };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('image' as const),
      path: fc.constantFrom(...images),
      seed,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('mask' as const),
      path: fc.constantFrom(...masks),
      seed,
      small: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constantFrom(
        'garbage' as const,
        'truncated' as const,
        'touch' as const,
        'remove' as const,
      ),
      path: anyPath,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('rename' as const), from: anyPath, to: anyPath }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('remove-folder' as const),
      path: fc.constantFrom('test', 'train'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('restart' as const),
      spacing: fc.constantFrom(0.1, 0.25),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('use' as const),
      model: fc.constantFrom('one', 'another'),
    }),
  },
);

/** Each act, and for how long nothing happens after it, in milliseconds. */
const history = fc.array(fc.tuple(act, fc.constantFrom(0, 0, 5, 30, 80)), {
  minLength: 1,
  maxLength: 25,
});

const setupOf = (spacing?: number) => ({
  flags: { retrain: 'never', ...(spacing && { spacing }) },
  timing: { reconcileEveryMs: 100 },
});
const modelsOf = ({ store }: Pick<RawFolder, 'store'>) => join(store, 'models');

test('after any history the store and the CSV are those of a fresh run on the final folder', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (acts) => {
      const lived = await RawFolder.make();
      const fresh = await RawFolder.make();
      let running: RunningPipeline | null = null;
      try {
        await placeModel(modelsOf(lived), fakeCard({ modelId: 'another' }));
        await placeModel(modelsOf(lived), fakeCard({ modelId: 'one' }));
        let model = 'one';
        let setup = setupOf();
        running = await RunningPipeline.start(lived, 'watch', setup);
        for (const [what, wait] of acts) {
          if (what.act === 'restart') {
            await running.stop();
            setup = setupOf(what.spacing);
            running = await RunningPipeline.start(lived, 'watch', setup);
          } else if (what.act === 'use') {
            model = what.model;
            await running.pipeline.changeModel({ verb: 'use', model });
          } else await perform(lived, what);
          await pass(wait);
        }
        // A folder that is away keeps its rows: to compare, both are there.
        for (const name of ['train', 'test'])
          await mkdir(join(lived.raw, name), { recursive: true });

        await placeModel(modelsOf(fresh), fakeCard({ modelId: model }));
        const final = { raw: lived.raw, store: fresh.store } as RawFolder;
        await runOnce(final, setup);
        const expected = await openStore(fresh.store, 'test').then(async (store) => {
          const state = await stateOf(store);
          await store.close();
          return state;
        });
        await expect
          .poll(() => stateOf(running!.store), { timeout: 8000, interval: 20 })
          .toEqual(expected);
        // Nor is anything outdated still on its way.
        await running.pipeline.stop();
        expect(await stateOf(running.store)).toEqual(expected);
      } finally {
        await running?.stop();
        await lived.delete();
        await fresh.delete();
      }
    }),
    { numRuns: Number(process.env.NERVEFLOW_HISTORIES) || 12 },
  );
}, 600_000);

async function perform(
  folder: RawFolder,
  what: Exclude<Act, { act: 'restart' | 'use' }>,
): Promise<void> {
  switch (what.act) {
    case 'image':
      return await folder.image(what.path, what.seed);
    case 'mask':
      return await folder.mask(
        what.path,
        what.seed,
        what.small ? { height: 8, width: 8 } : undefined,
      );
    case 'garbage':
      return await folder.write(what.path, 'no image at all');
    case 'truncated':
      return await folder.write(what.path, imageBytes(1).subarray(0, 200));
    case 'touch':
      return await folder.touch(what.path).catch(() => {});
    case 'rename':
      return await folder.rename(what.from, what.to).catch(() => {});
    case 'remove':
    case 'remove-folder':
      return await folder.remove(what.path);
  }
}

/** All that a user could find in the store, but for times. */
async function stateOf({ catalog, paths }: OpenStore) {
  const masksOf = await readdir(paths.masks);
  const pixels: Record<string, string> = {};
  for (const name of masksOf) {
    pixels[name] = (await readFile(join(paths.masks, name)).catch(() => '')).toString('base64');
  }
  return {
    csv: await readFile(paths.submission, 'utf8').catch(() => 'none'),
    measurements: await readFile(paths.measurements, 'utf8').catch(() => 'none'),
    masks: pixels,
    files: Object.fromEntries([...catalog.files.values()].map((file) => [file.path, file.sha256])),
    samples: Object.fromEntries(
      [...catalog.samples.values()].map((s) => [`${s.split}/${s.id}`, [s.fingerprint, s.spacing]]),
    ),
    predictions: Object.fromEntries(
      (await catalog.cache.readPredictions([...catalog.predictions.keys()])).map((p) => [
        p!.id,
        `${p!.fingerprint} ${p!.rle}`,
      ]),
    ),
  };
}
