import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { epochOrder } from '../../src/operators/epoch-order.js';
import type { GridSize } from '../../src/operators/image.js';
import { encodeRle } from '../../src/operators/rle.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { testTruthFile } from '../../src/synthetic/data-set.js';
import { inParallel, writeTiff, writeWhole } from '../../src/synthetic/image-files.js';
import { subjectLook } from '../../src/synthetic/subject-look.js';
import { moved, type SyntheticPair, syntheticSweep } from '../../src/synthetic/ultrasound.js';

/** A training set of sweeps, some of whose masks are wrong in a known way. */
export interface FaultySet {
  /** People with masks, numbered from 1. */
  readonly subjects: number;
  readonly sweepsPerSubject: number;
  /** Frames of one sweep: near-identical images. */
  readonly frames: number;
  /** Share of sweeps without a nerve, 0..1. */
  readonly emptyShare: number;
  /** Share of the frames with a nerve, of subjects that are not spared, whose mask is emptied; of each sweep one frame at least is spared. */
  readonly emptied: number;
  /** Share of the frames with a nerve whose outline is moved to where there is none; one at least is spared. */
  readonly displaced: number;
  /** Subjects whose masks are all right. */
  readonly spared?: ReadonlySet<number>;
  /** Images without masks, of people who are not among the above; their truth is never wrong. */
  readonly test: number;
  readonly size: GridSize;
  readonly seed: number;
}

export type Fault = 'none' | 'emptied' | 'displaced';

/** One training pair, what is wrong with its mask, and what it should be. */
export interface FaultyPair extends SyntheticPair {
  readonly id: string;
  readonly subject: number;
  readonly truth: Uint8Array;
  readonly fault: Fault;
}

/** Beside train/ and test/: rows `img,fault` of all training pairs. */
export const faultsFile = 'train-faults.csv';

/** The training pairs, sweep by sweep. The same settings give the same pairs. */
export function* faultyPairs(set: FaultySet): Generator<FaultyPair> {
  const { subjects, sweepsPerSubject, frames, size, seed } = set;
  const faults = chooseFaults(set);
  for (let subject = 1; subject <= subjects; subject++) {
    const look = subjectLook(seed, subject);
    for (let sweep = 0; sweep < sweepsPerSubject; sweep++) {
      const random = randomFrom(seed, 'sweep', subject, sweep);
      const hasNerve = !faults.without.has(`${subject}_${sweep}`);
      const drawn = syntheticSweep(size, look, hasNerve, frames, random);
      for (const [frame, pair] of drawn.entries()) {
        const id = `${subject}_${sweep * frames + frame + 1}`;
        const fault = faults.of.get(id) ?? 'none';
        yield { ...pair, id, subject, truth: pair.mask, fault, mask: faulty(pair, fault) };
      }
    }
  }
}

/** Writes the set in Kaggle's layout, with the test images' truth and the faults beside it. */
export async function writeFaultySet(
  folder: string,
  set: FaultySet,
): Promise<Readonly<Record<Fault, number>>> {
  const { test, size, seed, subjects, sweepsPerSubject, emptyShare } = set;
  for (const name of ['train', 'test']) await mkdir(join(folder, name), { recursive: true });
  const counts: Record<Fault, number> = { none: 0, emptied: 0, displaced: 0 };
  const rows: string[] = [];
  await inParallel(faultyPairs(set), async ({ id, image, mask, fault }) => {
    counts[fault]++;
    rows.push(`${id},${fault}`);
    await writeTiff(join(folder, 'train', `${id}.tif`), image, size);
    const white = mask.map((value) => value * 255);
    await writeTiff(join(folder, 'train', `${id}_mask.tif`), white, size);
  });
  await writeWhole(join(folder, faultsFile), `img,fault\n${rows.sort().join('\n')}\n`);

  const ids = Array.from({ length: test }, (_, nth) => `${nth + 1}`);
  const without = new Set(shuffled(ids, seed, 'test').slice(0, Math.round(emptyShare * test)));
  const truth: string[] = [];
  await inParallel(ids, async (id) => {
    const strangers = Math.max(1, Math.ceil(test / sweepsPerSubject));
    const look = subjectLook(seed, subjects + 1 + (Number(id) % strangers));
    const random = randomFrom(seed, 'test-image', id);
    const [pair] = syntheticSweep(size, look, !without.has(id), 1, random);
    truth[Number(id) - 1] = `${id},${encodeRle(pair!.mask, size)}`;
    await writeTiff(join(folder, 'test', `${id}.tif`), pair!.image, size);
  });
  await writeWhole(join(folder, testTruthFile), `img,pixels\n${truth.join('\n')}\n`);
  return counts;
}

function chooseFaults({
  subjects,
  sweepsPerSubject,
  frames,
  emptyShare,
  emptied,
  displaced,
  spared = new Set(),
  seed,
}: FaultySet): { readonly without: Set<string>; readonly of: Map<string, Fault> } {
  const sweeps = Array.from({ length: subjects * sweepsPerSubject }, (_, nth) => ({
    subject: Math.floor(nth / sweepsPerSubject) + 1,
    sweep: nth % sweepsPerSubject,
  }));
  const names = sweeps.map(({ subject, sweep }) => `${subject}_${sweep}`);
  const without = new Set(
    shuffled(names, seed, 'empty').slice(0, Math.round(emptyShare * names.length)),
  );
  const outlined = sweeps.filter(
    ({ subject, sweep }) => !without.has(`${subject}_${sweep}`) && !spared.has(subject),
  );
  // The spared frame of each sweep is any one of them.
  const eligible = outlined.flatMap(({ subject, sweep }) => {
    const ids = Array.from(
      { length: frames },
      (_, frame) => `${subject}_${sweep * frames + frame + 1}`,
    );
    return shuffled(ids, seed, 'spared').slice(1);
  });
  const order = shuffled(eligible, seed, 'faults');
  const share = (part: number): number => Math.round(part * outlined.length * frames);
  const of = new Map<string, Fault>();
  for (const id of order.slice(0, share(emptied))) of.set(id, 'emptied');
  for (const id of order.slice(share(emptied), share(emptied) + share(displaced))) {
    of.set(id, 'displaced');
  }
  return { without, of };
}

function faulty({ mask, height, width }: SyntheticPair, fault: Fault): Uint8Array {
  switch (fault) {
    case 'none':
      return mask;
    case 'emptied':
      return new Uint8Array(mask.length);
    case 'displaced':
      // A third of the width towards the farther side: well beyond a nerve's own width.
      return moved(mask, { height, width }, Math.round(width / 3) * towardsFarther(mask, width), 0);
  }
}

/** 1 where there is more room to the right, -1 where there is more to the left. */
function towardsFarther(mask: Uint8Array, width: number): 1 | -1 {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] === 0) continue;
    sum += index % width;
    count++;
  }
  return sum < (count * width) / 2 ? 1 : -1;
}

function shuffled(ids: readonly string[], seed: number, purpose: string): string[] {
  return epochOrder(ids, Math.floor(randomFrom(seed, purpose)() * 2 ** 32), 0);
}
