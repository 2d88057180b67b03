import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PackedMap } from '../../src/store/packed-map.js';
import { SampleTable } from '../../src/store/sample-table.js';

const name = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => `test/${n}.tif`),
  fc.constantFrom('', 'Ä', 'train/1_1_mask.tif', `train/${'1'.repeat(20)}_1.tif`, 'test/٣', 'ÿ'),
);
const step = fc.record({
  name,
  value: fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
});

test('after any history of additions and deletions it holds what a Map would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new PackedMap(4);
      const expected = new Map<string, number>();
      for (const { name, value } of steps) {
        if (value === null) {
          expect(table.delete(name)).toBe(expected.delete(name));
        } else {
          const { bytes, at } = table.place(table.add(name));
          expect(bytes.readUInt32LE(at)).toBe(expected.get(name) ?? 0);
          bytes.writeUInt32LE(value, at);
          expected.set(name, value);
        }
        expect(table.size).toBe(expected.size);
      }
      const held = [...table.rows()].map((row) => {
        const { bytes, at } = table.place(row);
        return [table.nameOf(row), bytes.readUInt32LE(at)] as const;
      });
      expect(new Map(held)).toEqual(expected);
      for (const { name } of steps) expect(table.find(name) >= 0).toBe(expected.has(name));
    }),
  );
});

test('many names, all found, whatever was deleted between them', () => {
  const table = new PackedMap(4);
  const nameOf = (n: number) => `test/${n}.tif`;
  for (let n = 0; n < 20_000; n++)
    table.place(table.add(nameOf(n))).bytes.writeUInt32LE(n, table.place(table.find(nameOf(n))).at);
  for (let n = 0; n < 20_000; n += 3) table.delete(nameOf(n));
  for (let n = 20_000; n < 25_000; n++) table.add(nameOf(n));
  for (let n = 0; n < 20_000; n++) {
    const row = table.find(nameOf(n));
    expect(row >= 0).toBe(n % 3 !== 0);
    if (row >= 0) {
      const { bytes, at } = table.place(row);
      if (bytes.readUInt32LE(at) !== n) expect.unreachable(`row ${row} is not ${n}'s`);
    }
  }
  expect(table.size).toBe(20_000 - 6667 + 5000);
});

test('a sample whose row was of one with a mask before has none itself', () => {
  const samples = new SampleTable();
  const sha = (digit: string) => digit.repeat(64);
  const image = { fingerprint: sha('f'), preprocessing: 'p' };
  const pair = {
    ...image,
    id: '1_1',
    split: 'train',
    imageSha: sha('a'),
    maskSha: sha('b'),
  } as const;
  const single = { ...image, id: '7', split: 'test', imageSha: sha('c'), maskSha: null } as const;
  samples.set('train/1_1', pair);
  expect(samples.get('train/1_1')).toEqual(pair);
  samples.delete('train/1_1');
  samples.set('test/7', single);
  expect(samples.get('test/7')).toEqual(single);
  samples.set('train/1_1', pair);
  expect([...samples.values()]).toEqual([single, pair]);
});
