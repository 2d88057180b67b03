import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFaultySet } from '../../bench/cleaning/faulty-set.js';
import type { AuditEvent, PipelineEvent } from '../../src/events.js';
import { openStore } from '../../src/store/open-store.js';
import { auditCatalog, unreadableOf } from '../../src/streams/audit/audit.js';
import { takeInOnce } from '../../src/streams/intake/take-in-once.js';
import { writeTiff } from '../../src/synthetic/image-files.js';
import { auditTable } from '../../src/ui/tables/audit-table.js';
import { testSettings } from '../support/test-settings.js';

const drawn = { height: 210, width: 290 };
/** Three people, four sweeps of two frames each; ids of a sweep are 1 and 2, 3 and 4, 5 and 6, 7 and 8. */
const set = {
  subjects: 3,
  sweepsPerSubject: 4,
  frames: 2,
  emptyShare: 0,
  emptied: 0,
  displaced: 0,
  test: 2,
  size: drawn,
  seed: 6,
};

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nerveflow-audit-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Draws the set, spoils it, takes it in and looks through it. */
async function auditOf(name: string, spoil: (raw: string) => Promise<void>): Promise<AuditEvent> {
  const raw = join(home, name, 'raw');
  await writeFaultySet(raw, set);
  await spoil(raw);
  const store = await openStore(join(home, name, 'store'), 'test');
  try {
    const settings = testSettings({ raw, store: store.paths.root }, { size: '64x80' });
    const events: PipelineEvent[] = [];
    await takeInOnce({ ...store, settings }, (event) => events.push(event));
    return await auditCatalog(store.catalog, settings, unreadableOf(events, store.catalog));
  } finally {
    await store.close();
  }
}

/** A mask with boxes of the given top, left, bottom and right. */
async function boxes(path: string, ...corners: [number, number, number, number][]): Promise<void> {
  const mask = new Uint8Array(drawn.height * drawn.width);
  for (const [top, left, bottom, right] of corners) {
    for (let row = top; row < bottom; row++) {
      mask.fill(255, row * drawn.width + left, row * drawn.width + right);
    }
  }
  await writeTiff(path, mask, drawn);
}

let fine: AuditEvent;
beforeAll(async () => {
  fine = await auditOf('fine', async () => {});
}, 120_000);

test('finds nothing to object to in what is as it should be', () => {
  const report = fine;
  expect(report).toMatchObject({ pairs: 24, testImages: 2, emptyMasks: 0, size: '64x80' });
  expect(report.contradictions).toEqual([]);
  expect(report.partialOverlaps).toEqual([]);
  expect(report.duplicates).toEqual([]);
  expect(report.copiedMasks).toEqual([]);
  expect(report.doubts).toEqual([]);
  expect(report.atBorder).toEqual([]);
  expect(report.inPieces).toEqual([]);
  expect(report.unpaired).toEqual([]);
  expect(report.unreadable).toEqual([]);
  expect(report.subjects.map(({ subject, pairs, empty }) => [subject, pairs, empty])).toEqual([
    [1, 8, 0],
    [2, 8, 0],
    [3, 8, 0],
  ]);
  // The nerves of so few people may well differ in size.
  const sizes = { ...report.sizes, outliers: [] };
  expect(auditTable({ ...report, sizes })).toContain('Nothing to object to.');
});

describe('what was planted', () => {
  let report: AuditEvent;
  beforeAll(async () => {
    report = await auditOf('spoilt', async (raw) => {
      const train = join(raw, 'train');
      await boxes(join(train, '1_2_mask.tif'));
      await boxes(join(train, '1_4_mask.tif'), [30, 60, 60, 110], [150, 60, 170, 110]);
      await boxes(join(train, '2_5_mask.tif'), [10, 10, 200, 280]);
      await boxes(join(train, '2_6_mask.tif'), [10, 10, 200, 280]);
      await boxes(join(train, '3_8_mask.tif'), [0, 100, 40, 160]);
      await copyFile(join(train, '1_7.tif'), join(train, '2_9.tif'));
      await copyFile(join(train, '1_7_mask.tif'), join(train, '2_9_mask.tif'));
      await copyFile(join(train, '3_1.tif'), join(raw, 'test', '2.tif'));
      await copyFile(join(train, '3_3_mask.tif'), join(train, '3_5_mask.tif'));
      await copyFile(join(train, '3_1.tif'), join(train, '4_1.tif'));
      await copyFile(join(train, '3_1_mask.tif'), join(train, '5_1_mask.tif'));
      await writeFile(join(train, '6_1.tif'), 'no image');
    });
  }, 120_000);

  test('an emptied mask, with the file that contradicts it', () => {
    expect(report.contradictions).toContainEqual(
      expect.objectContaining({
        reason: 'empty-against-outlined',
        image: { id: '1_2', split: 'train', file: 'train/1_2.tif' },
        mask: 'train/1_2_mask.tif',
        againstMask: 'train/1_1_mask.tif',
        dice: 0,
      }),
    );
  });

  test('the same image under two subjects, nearly the same, and in train and test', () => {
    const told = report.duplicates.map(({ kind, first, second }) => [
      kind,
      first.file,
      second.file,
    ]);
    expect(told).toContainEqual(['identical', 'train/1_7.tif', 'train/2_9.tif']);
    expect(told).toContainEqual(['identical', 'train/3_1.tif', 'test/2.tif']);
    expect(told).toContainEqual(['near-identical', 'train/1_8.tif', 'train/2_9.tif']);
    expect(report.duplicates).toHaveLength(3);
  });

  test('a mask that stands under two images', () => {
    const files = report.copiedMasks.map(({ masks }) => masks.map(({ file }) => file));
    expect(files).toEqual([['train/3_3_mask.tif', 'train/3_5_mask.tif']]);
  });

  test('masks of unusual size, in pieces, and at the edge', () => {
    expect(report.sizes.outliers.map(({ mask }) => mask.file)).toEqual([
      'train/2_5_mask.tif',
      'train/2_6_mask.tif',
    ]);
    expect(report.inPieces).toEqual([
      { mask: { id: '1_4', split: 'train', file: 'train/1_4_mask.tif' }, pieces: 2 },
    ]);
    expect(report.atBorder.map(({ file }) => file)).toEqual(['train/3_8_mask.tif']);
  });

  test('halves without a partner, and what could not be read', () => {
    expect(report.unpaired).toEqual([
      { id: '4_1', split: 'train', file: 'train/4_1.tif', missing: 'mask' },
      { id: '5_1', split: 'train', file: 'train/5_1_mask.tif', missing: 'image' },
    ]);
    expect(report.unreadable).toMatchObject([{ file: 'train/6_1.tif', code: 'NOT_AN_IMAGE' }]);
  });

  test('how many are empty of each subject, and who validates', () => {
    expect(report.emptyMasks).toBe(1);
    expect(report.subjects[0]).toMatchObject({ subject: 1, pairs: 8, empty: 1 });
    expect(report.subjects.some(({ validates }) => validates)).toBe(true);
    expect(report.subjects.every(({ validates }) => validates)).toBe(false);
  });

  test('the table tells each with what to do, in 80 columns', () => {
    const table = auditTable(report);
    for (const title of [
      'The same image where it leaks (3)',
      'Contradictory pairs',
      'One mask under different images (1)',
      'Unusual label sizes (2)',
      'In several pieces (1)',
      "At the image's edge (1)",
      'Without a partner (2)',
      'Not taken in (1)',
    ]) {
      expect(table).toContain(title);
    }
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('doubtful masks', () => {
  test('each is told, with its file and why', async () => {
    const report = await auditOf('doubtful', async (raw) => {
      const train = join(raw, 'train');
      const { height, width } = drawn;
      await boxes(join(train, '1_2_mask.tif'), [0, 0, height, width]);
      await boxes(
        join(train, '2_3_mask.tif'),
        [0, 0, 40, width],
        [height - 40, 0, height, width],
        [0, 0, height, 80],
        [0, 150, height, width],
      );
      await copyFile(join(train, '3_4.tif'), join(train, '3_4_mask.tif'));
    });
    const told = report.doubts.map(({ code, mask }) => [mask?.file, code]);
    expect(told).toContainEqual(['train/1_2_mask.tif', 'MASK_ALL_FOREGROUND']);
    expect(told).toContainEqual(['train/2_3_mask.tif', 'MASK_COVERS_MOST']);
    expect(told).toContainEqual(['train/2_3_mask.tif', 'MASK_ON_BORDER']);
    expect(told).toContainEqual(['train/3_4_mask.tif', 'MASK_IS_ITS_IMAGE']);
    const doubted = ['train/1_2_mask.tif', 'train/2_3_mask.tif', 'train/3_4_mask.tif'];
    expect(report.doubts.filter(({ mask }) => !doubted.includes(mask?.file ?? ''))).toEqual([]);
    const table = auditTable(report);
    expect(table).toContain('Doubtful masks');
    expect(table).toContain('train/2_3_mask.tif: foreground covers');
  });

  test('a set without one positive mask', async () => {
    const report = await auditOf('empty', async (raw) => {
      for (const name of await readdir(join(raw, 'train'))) {
        if (name.endsWith('_mask.tif')) await boxes(join(raw, 'train', name));
      }
    });
    expect(report.doubts.map(({ code, mask }) => [code, mask])).toEqual([
      ['MASKS_ALL_EMPTY', null],
    ]);
    expect(auditTable(report)).not.toContain('Nothing to object to.');
    expect(auditTable(report)).toContain('not one of the 24 masks has any foreground');
  });
});

test('a table of very many shows some and says how many more', () => {
  const file = (nth: number) =>
    ({ id: `1_${nth}`, split: 'train', file: `train/1_${nth}.tif` }) as const;
  const table = auditTable({ ...fine, atBorder: Array.from({ length: 50 }, (_, n) => file(n)) });
  expect(table).toContain("At the image's edge (50)");
  expect(table).toContain('... and 30 more: --json lists all');
});
