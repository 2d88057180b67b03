import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FaultyPair, faultyPairs } from '../../bench/cleaning/faulty-set.js';
import type { Cleaning } from '../../src/model/recipe.js';
import type { GridSize } from '../../src/operators/image.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import type { SampleRecord } from '../../src/store/records.js';
import { cleanLabels, type KnownContradictions } from '../../src/streams/training/clean-labels.js';
import { subjectOf } from '../../src/streams/training/training-split.js';
import { RawFolder } from '../support/raw-folder.js';
import { cachePairs } from './cached-pairs.js';

const size = { height: 64, width: 80 };
const drawn = { height: 210, width: 290 };

let folder: RawFolder;
let store: OpenStore;
let pairs: FaultyPair[];
let samples: SampleRecord[];

beforeAll(async () => {
  folder = await RawFolder.make();
  store = await openStore(folder.store, 'test');
  const planted = { emptyShare: 0.3, emptied: 0.25, displaced: 0.1, test: 0, seed: 2 };
  pairs = [
    ...faultyPairs({ subjects: 3, sweepsPerSubject: 10, frames: 3, size: drawn, ...planted }),
  ];
  samples = await cachePairs(store.catalog, pairs, size);
}, 120_000);
afterAll(async () => {
  await store.close();
  await folder.delete();
});

/** One that remembers what it found. */
function cleaner() {
  const memory = { contradictions: new Map() as KnownContradictions };
  const { catalog } = store;
  return {
    clean: (samples: readonly SampleRecord[], size: GridSize, cleaning: Cleaning) =>
      cleanLabels(samples, { catalog, settings: { size }, recipe: { cleaning }, memory }),
  };
}

const idsOf = (fault: FaultyPair['fault']) =>
  pairs.filter((pair) => pair.fault === fault).map(({ id }) => id);

describe('cleaning', () => {
  test('finds every emptied mask, and leaves out no good one for it', async () => {
    const { leftOut } = await cleaner().clean(samples, size, 'contradictions');
    const emptied = leftOut.filter(({ reason }) => reason === 'empty-against-outlined');
    expect(emptied.map(({ id }) => id).sort()).toEqual(idsOf('emptied').sort());
  });

  test('finds every displaced outline; where nobody can tell, its partner goes with it', async () => {
    const { leftOut } = await cleaner().clean(samples, size, 'contradictions');
    const elsewhere = leftOut.filter(({ reason }) => reason === 'outline-elsewhere');
    expect(elsewhere.map(({ id }) => id)).toEqual(expect.arrayContaining(idsOf('displaced')));
    const sweepOf = (id: string) =>
      `${id.split('_')[0]} ${Math.ceil(Number(id.split('_')[1]) / 3)}`;
    const sweeps = new Set(idsOf('displaced').map(sweepOf));
    expect(elsewhere.every(({ id }) => sweeps.has(sweepOf(id)))).toBe(true);
  });

  test('what it keeps and leaves out is all there is, each once', async () => {
    const { kept, leftOut } = await cleaner().clean(samples, size, 'contradictions');
    const ids = [...kept, ...leftOut].map(({ id }) => id).sort();
    expect(ids).toEqual(samples.map(({ id }) => id).sort());
  });

  test('a subject is judged by its own images alone', async () => {
    const all = await cleaner().clean(samples, size, 'contradictions');
    const first = samples.filter((sample) => subjectOf(sample) === 1);
    const alone = await cleaner().clean(first, size, 'contradictions');
    expect(alone.leftOut).toEqual(all.leftOut.filter(({ id }) => id.startsWith('1_')));
  });

  test('`none` leaves out nothing and reads nothing', async () => {
    const reading = vi.spyOn(store.catalog.cache, 'readPixels');
    const { kept, leftOut } = await cleaner().clean(samples, size, 'none');
    expect(kept).toEqual(samples);
    expect(leftOut).toEqual([]);
    expect(reading).not.toHaveBeenCalled();
    reading.mockRestore();
  });

  test('looks again only at subjects that have changed', async () => {
    const cleaning = cleaner();
    const before = await cleaning.clean(samples, size, 'contradictions');
    const reading = vi.spyOn(store.catalog.cache, 'readPixels');
    expect(await cleaning.clean(samples, size, 'contradictions')).toEqual(before);
    expect(reading).not.toHaveBeenCalled();
    const fewer = samples.filter(({ id }) => id !== '2_1');
    await cleaning.clean(fewer, size, 'contradictions');
    const read = reading.mock.calls.flatMap(([keys]) => keys);
    expect(read).toHaveLength(2 * 29);
    reading.mockRestore();
  });

  test('where nothing would be left it says so', async () => {
    const [outline, displaced] = ['none', 'displaced'].map((fault) =>
      pairs.find((pair) => pair.fault === fault && pair.truth.includes(1)),
    );
    const image = outline!.image;
    const two = await cachePairs(
      store.catalog,
      [
        { ...outline!, id: '9_1' },
        { ...displaced!, image, id: '9_2' },
      ],
      size,
    );
    await expect(cleaner().clean(two, size, 'contradictions')).rejects.toMatchObject({
      code: 'ALL_CONTRADICT',
    });
  });
});
