import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { labelCeilingOf } from '../../src/streams/evaluation/label-ceiling.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { cachePairs } from './cached-pairs.js';

const size = { height: 64, width: 80 };
const area = size.height * size.width;
let store: OpenStore;

beforeAll(async () => {
  store = await openStore(temporaryFolder(), 'test');
});
afterAll(async () => await store.close());

/** Speckle; another look at the same scene differs a little in its grey. */
function pair(id: string, scene: number, look: number, mask: Uint8Array) {
  const random = randomFrom(scene, 'speckle');
  const image = Uint8Array.from({ length: area }, () => 50 + Math.floor(random() * 200) + look);
  return { id, image, mask, ...size };
}

/** 10 rows of 10 pixels. */
function square(left: number): Uint8Array {
  return Uint8Array.from({ length: area }, (_, at) => {
    const [row, column] = [Math.floor(at / size.width), at % size.width];
    return row >= 20 && row < 30 && column >= left && column < left + 10 ? 1 : 0;
  });
}

const nothing = new Uint8Array(area);
const ceilingOf = async (pairs: ReturnType<typeof pair>[]) =>
  await labelCeilingOf(await cachePairs(store.catalog, pairs, size), store.catalog.cache, size);

test('is the Dice between the masks of two looks at one scene', async () => {
  const ceiling = await ceilingOf([
    // 80 pixels in common, of 100 each.
    pair('1_1', 1, 0, square(30)),
    pair('1_2', 1, 1, square(32)),
    pair('1_3', 2, 0, square(60)),
    pair('2_1', 3, 0, nothing),
    pair('2_2', 3, 1, nothing),
    // The same scene, but of somebody else.
    pair('3_1', 1, 2, square(10)),
  ]);
  expect(ceiling).toMatchObject({ pairs: 2, subjects: 2, outlinedPairs: 1 });
  expect(ceiling!.dice).toBeCloseTo(0.9, 12);
  expect(ceiling!.outlinedDice).toBeCloseTo(0.8, 12);
  expect(ceiling!.diceInterval!.low).toBeCloseTo(0.8, 12);
  expect(ceiling!.diceInterval!.high).toBeCloseTo(1, 12);
});

test('does not count a copy as a second look, unless it was drawn anew', async () => {
  const twice = [pair('1_1', 1, 0, square(30)), pair('1_2', 1, 0, square(30))];
  expect(await ceilingOf(twice)).toBeNull();
  const anew = [pair('1_1', 1, 0, square(30)), pair('1_2', 1, 0, square(35))];
  expect(await ceilingOf(anew)).toMatchObject({ pairs: 1, dice: 0.5, diceInterval: null });
});

test('is not there where no two images of a subject are near-identical', async () => {
  expect(await ceilingOf([pair('1_1', 1, 0, nothing), pair('1_2', 2, 0, nothing)])).toBeNull();
  expect(await ceilingOf([])).toBeNull();
});
