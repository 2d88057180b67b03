import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GreyImage } from '../../src/operators/image.js';
import { describeFrame, nearDuplicate, similarityOf } from '../../src/operators/near-duplicate.js';
import { resizeImage } from '../../src/operators/resize.js';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { subjectLook } from '../../src/synthetic/subject-look.js';
import { moved, syntheticSweep } from '../../src/synthetic/ultrasound.js';

const drawn = { height: 210, width: 290 };
const network = { height: 64, width: 80 };

/** Sweeps of one person, three frames each, at the network's size. */
async function sweeps(subject: number, count: number): Promise<GreyImage[][]> {
  const look = subjectLook(4, subject);
  return await Promise.all(
    Array.from({ length: count }, async (_, nth) => {
      const frames = syntheticSweep(drawn, look, nth % 2 === 0, 3, randomFrom(4, subject, nth));
      return await Promise.all(
        frames.map(({ image }) => resizeImage({ ...drawn, data: image }, network)),
      );
    }),
  );
}

const similarity = async (a: GreyImage, b: GreyImage) =>
  similarityOf(await describeFrame(a), await describeFrame(b))?.similarity ?? 0;

describe('near-duplicates', () => {
  test('frames of one sweep are, other images of the same person are not', async () => {
    for (const subject of [1, 2]) {
      const all = await sweeps(subject, 8);
      for (const [nth, frames] of all.entries()) {
        expect(await similarity(frames[0]!, frames[1]!)).toBeGreaterThan(nearDuplicate);
        expect(await similarity(frames[1]!, frames[2]!)).toBeGreaterThan(nearDuplicate);
        for (const others of all.slice(nth + 1)) {
          expect(await similarity(frames[0]!, others[0]!)).toBeLessThan(nearDuplicate);
        }
      }
    }
  });

  test('an image is one of itself, of any size, and tells by how much a copy was moved', async () => {
    const [[{ data }]] = (await sweeps(3, 1)) as [[GreyImage]];
    const image = { ...network, data };
    const copy = { ...network, data: moved(data, network, 2, -1) };
    const aligned = similarityOf(await describeFrame(image), await describeFrame(copy));
    expect(aligned!.similarity).toBeGreaterThan(0.95);
    expect(aligned!.right * network.width).toBeCloseTo(2);
    expect(aligned!.down * network.height).toBeCloseTo(-1);
    const large = await resizeImage(image, { height: 128, width: 160 });
    expect(await similarity(image, large)).toBeGreaterThan(0.95);
  });

  test('brightness and contrast do not count', async () => {
    const [[image, next]] = (await sweeps(5, 1)) as [[GreyImage, GreyImage]];
    const plain = await similarity(image, next);
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.5, max: 0.9, noNaN: true }),
        fc.integer({ min: 0, max: 25 }),
        async (contrast, brightness) => {
          const data = next.data.map((grey) => contrast * grey + brightness);
          expect(await similarity(image, { ...network, data })).toBeCloseTo(plain, 1);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('nothing to see is like nothing', async () => {
    const flat = { ...network, data: new Uint8Array(64 * 80).fill(90) };
    expect(await similarity(flat, flat)).toBe(0);
  });
});
