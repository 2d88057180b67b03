import { expect, test } from 'vitest';
import { randomFrom } from '../../src/operators/seeded-random.js';
import { subjectLook } from '../../src/synthetic/subject-look.js';
import { syntheticUltrasound } from '../../src/synthetic/ultrasound.js';

const size = { height: 105, width: 145 };
const draw = (subject: number, image: string, hasNerve = true, grid = size) =>
  syntheticUltrasound(grid, subjectLook(1, subject), hasNerve, randomFrom(1, 'image', image));

test('equal seeds draw equal pairs, others do not', () => {
  expect(draw(1, '1_1')).toEqual(draw(1, '1_1'));
  expect(draw(1, '1_1').image).not.toEqual(draw(1, '1_2').image);
  expect(draw(1, '1_1').image).not.toEqual(draw(2, '1_1').image);
});

test('a nerve covers a few percent of the image, in one place; none leaves the mask empty', () => {
  for (let subject = 1; subject <= 40; subject++) {
    const { mask } = draw(subject, `${subject}_1`);
    const share = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    expect(share).toBeGreaterThan(0.008);
    expect(share).toBeLessThan(0.06);
    expect(new Set(mask)).toEqual(new Set([0, 1]));
    expect(draw(subject, `${subject}_1`, false).mask.includes(1)).toBe(false);
  }
});

test('a nerve is brighter than what lies around it, by an amount that varies', () => {
  const contrasts = Array.from({ length: 30 }, (_, nth) => {
    const { image, mask } = draw(nth + 1, `${nth + 1}_1`);
    const rows = [...mask.keys()].filter((index) => mask[index] === 1);
    const top = Math.floor(rows[0]! / size.width);
    const bottom = Math.floor(rows.at(-1)! / size.width);
    let [inside, insideCount, outside, outsideCount] = [0, 0, 0, 0];
    for (let index = top * size.width; index < (bottom + 1) * size.width; index++) {
      if (mask[index] === 1) {
        inside += image[index]!;
        insideCount++;
      } else {
        outside += image[index]!;
        outsideCount++;
      }
    }
    return inside / insideCount / (outside / outsideCount);
  });
  expect(Math.min(...contrasts)).toBeGreaterThan(1);
  expect(Math.max(...contrasts) - Math.min(...contrasts)).toBeGreaterThan(0.3);
});

test('images use the grey scale without drowning in white or black', () => {
  for (let subject = 1; subject <= 20; subject++) {
    const { image } = draw(subject, `${subject}_2`);
    const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
    expect(mean).toBeGreaterThan(40);
    expect(mean).toBeLessThan(130);
    expect(new Set(image).size).toBeGreaterThan(120);
    expect(image.filter((value) => value === 255).length / image.length).toBeLessThan(0.05);
  }
});

test('any size will do', () => {
  for (const grid of [
    { height: 1, width: 1 },
    { height: 16, width: 300 },
    { height: 64, width: 80 },
    { height: 333, width: 61 },
  ]) {
    const { image, mask } = draw(1, '1_1', true, grid);
    expect([image.length, mask.length]).toEqual(Array(2).fill(grid.height * grid.width));
  }
});
