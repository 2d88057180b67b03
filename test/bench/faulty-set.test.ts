import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type FaultySet,
  faultsFile,
  faultyPairs,
  writeFaultySet,
} from '../../bench/cleaning/faulty-set.js';
import { imageDice } from '../../src/operators/dice.js';
import { testTruthFile } from '../../src/synthetic/data-set.js';

const set: FaultySet = {
  subjects: 4,
  sweepsPerSubject: 5,
  frames: 3,
  emptyShare: 0.5,
  emptied: 0.3,
  displaced: 0.2,
  test: 3,
  size: { height: 42, width: 58 },
  seed: 4,
};
const pairs = [...faultyPairs(set)];
const hasNerve = ({ truth }: { truth: Uint8Array }) => truth.includes(1);

test('half of the sweeps have no nerve; of the others, faults come in the number asked for', () => {
  expect(pairs).toHaveLength(60);
  expect(pairs.filter(hasNerve)).toHaveLength(30);
  const count = (fault: string) => pairs.filter((pair) => pair.fault === fault).length;
  expect([count('emptied'), count('displaced')]).toEqual([9, 6]);
});

test('each fault is what it is called, and everything else is as it should be', () => {
  for (const { fault, mask, truth } of pairs) {
    switch (fault) {
      case 'none':
        expect(Buffer.compare(mask, truth)).toBe(0);
        break;
      case 'emptied':
        expect([mask.includes(1), truth.includes(1)]).toEqual([false, true]);
        break;
      case 'displaced':
        expect(mask.includes(1)).toBe(true);
        expect(imageDice(mask, truth)).toBeLessThan(0.3);
    }
  }
});

test('one frame of each sweep at least keeps its mask', () => {
  for (let start = 0; start < pairs.length; start += set.frames) {
    const sweep = pairs.slice(start, start + set.frames);
    expect(sweep.some(({ fault }) => fault === 'none')).toBe(true);
  }
});

test('spared subjects have no faults', () => {
  const spared = [...faultyPairs({ ...set, spared: new Set([1, 3]) })];
  const faulty = new Set(
    spared.filter(({ fault }) => fault !== 'none').map((pair) => pair.subject),
  );
  expect([...faulty].sort()).toEqual([2, 4]);
});

test('is written with its truth beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nerveflow-faulty-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  expect(await writeFaultySet(folder, set)).toEqual({ none: 45, emptied: 9, displaced: 6 });
  expect(await readdir(join(folder, 'train'))).toHaveLength(120);
  expect(await readdir(join(folder, 'test'))).toHaveLength(3);
  const faults = (await readFile(join(folder, faultsFile), 'utf8')).trim().split('\n');
  expect(faults[0]).toBe('img,fault');
  const rows = pairs.map(({ id, fault }) => `${id},${fault}`).sort();
  expect(faults.slice(1)).toEqual(rows);
  const truth = (await readFile(join(folder, testTruthFile), 'utf8')).trim().split('\n');
  expect(truth).toHaveLength(4);
});
