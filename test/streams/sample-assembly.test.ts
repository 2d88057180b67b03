import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { preprocessingKey, preprocessingOf, sha256 } from '../../src/operators/fingerprint.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import type { FileRecord } from '../../src/store/records.js';
import type { FileOutcome } from '../../src/streams/intake/file-in-hand.js';
import { type Assembled, SampleAssembly } from '../../src/streams/intake/sample-assembly.js';
import { removeWithoutFiles } from '../../src/streams/intake/unsupported.js';
import { RawFolder } from '../support/raw-folder.js';

const size = { height: 16, width: 16 };
let folder: RawFolder;
let store: OpenStore;
let assembly: SampleAssembly;

beforeEach(async () => {
  folder = await RawFolder.make();
  store = await openStore(folder.store, 'test');
  assembly = assemblyFor(size);
});
afterEach(async () => {
  await store.close();
  await folder.delete();
});

function assemblyFor(networkSize: { height: number; width: number }): SampleAssembly {
  return new SampleAssembly(
    store.catalog,
    preprocessingOf({ size: networkSize }),
    store.paths.masks,
  );
}

/** As after a restart. */
async function restart(networkSize = size): Promise<void> {
  await store.close();
  store = await openStore(folder.store, 'test');
  assembly = assemblyFor(networkSize);
}

function record(path: string, content: string, options: Partial<FileRecord> = {}): FileRecord {
  return {
    path,
    size: content.length,
    mtimeMs: 1,
    ctimeMs: 1,
    sha256: sha256(content),
    height: 20,
    width: 24,
    preprocessing: preprocessingKey(preprocessingOf({ size })),
    ...options,
  };
}

/** The file is in the cache, as `ingestFile` leaves it. */
async function ready(path: string, content: string, options: Partial<FileRecord> = {}) {
  const file = record(path, content, options);
  await store.catalog.commit([{ put: 'file', record: file }]);
  return await accept({ type: 'ready', path, record: file, ms: 0 });
}

const gone = (path: string) => accept({ type: 'gone', path });

const broken = (path: string, code = 'DECODE_FAILED') =>
  accept({ type: 'failed', path, stage: 'decode', failure: { code, message: code }, seen: null });

async function accept(outcome: FileOutcome): Promise<string[]> {
  const said: string[] = [];
  for (const pairing of assembly.pair(outcome)) said.push(...lines(await assembly.commit(pairing)));
  return said;
}

function lines({ events, changes }: Assembled): string[] {
  return [
    ...events.map((event) => {
      switch (event.type) {
        case 'item.ingested':
          return `${event.id} ${event.reason}`;
        case 'item.removed':
          return `${event.id} removed`;
        case 'item.failed':
          return `${event.path} ${event.code}`;
        default:
          return event.type;
      }
    }),
    ...changes.map((change) => `-> ${change.type}`),
  ];
}

const samples = () => [...store.catalog.samples.keys()].sort();

describe('train', () => {
  test.each([
    ['image', 'mask'],
    ['mask', 'image'],
  ])('%s first, then %s: a sample with the second', async (...order) => {
    const path = { image: 'train/1_1.tif', mask: 'train/1_1_mask.tif' };
    expect(await ready(path[order[0] as 'image'], order[0]!)).toEqual([]);
    expect(assembly.waitingCount).toBe(1);
    expect(assembly.takeWaiting()).toEqual([
      { type: 'item.waiting', id: '1_1', split: 'train', missing: order[1] },
    ]);
    expect(assembly.takeWaiting()).toEqual([]);
    expect(await ready(path[order[1] as 'image'], order[1]!)).toEqual(['1_1 new', '-> stored']);
    expect(assembly.waitingCount).toBe(0);
    expect(samples()).toEqual(['train/1_1']);
  });

  test('a replaced half says which it was; an equal one says nothing', async () => {
    await ready('train/1_1.tif', 'i');
    await ready('train/1_1_mask.tif', 'm');
    expect(await ready('train/1_1_mask.tif', 'm')).toEqual([]);
    expect(await ready('train/1_1_mask.tif', 'm2')).toEqual(['1_1 mask-changed', '-> stored']);
    expect(await ready('train/1_1.tif', 'i2')).toEqual(['1_1 changed', '-> stored']);
  });

  test('without a half there is no sample; when it is back there is', async () => {
    await ready('train/1_1.tif', 'i');
    await ready('train/1_1_mask.tif', 'm');
    expect(await gone('train/1_1_mask.tif')).toEqual(['1_1 removed', '-> removed']);
    expect(samples()).toEqual([]);
    expect(assembly.takeWaiting()).toHaveLength(1);
    expect(await ready('train/1_1_mask.tif', 'm')).toEqual(['1_1 new', '-> stored']);
    expect(await gone('train/1_1.tif')).toEqual(['1_1 removed', '-> removed']);
    expect(await gone('train/1_1_mask.tif')).toEqual([]);
    expect(store.catalog.files.size).toBe(0);
  });

  test('a mask of another size is told once, removes the sample, and is forgiven', async () => {
    await ready('train/1_1.tif', 'i');
    await ready('train/1_1_mask.tif', 'm');
    const small = { height: 10 };
    expect(await ready('train/1_1_mask.tif', 'm2', small)).toEqual([
      'train/1_1_mask.tif MASK_SIZE_MISMATCH',
      '1_1 removed',
      '-> removed',
    ]);
    // Touched: nothing new to say.
    expect(await ready('train/1_1_mask.tif', 'm2', small)).toEqual([]);
    expect(await ready('train/1_1.tif', 'i')).toEqual([]);
    expect(await ready('train/1_1_mask.tif', 'm')).toEqual(['1_1 new', '-> stored']);
    expect(await ready('train/1_1_mask.tif', 'm2', small)).toContain(
      'train/1_1_mask.tif MASK_SIZE_MISMATCH',
    );
  });

  test('a half that became unusable takes its sample with it', async () => {
    await ready('train/1_1.tif', 'i');
    await ready('train/1_1_mask.tif', 'm');
    expect(await broken('train/1_1.tif')).toEqual([
      'train/1_1.tif DECODE_FAILED',
      '1_1 removed',
      '-> removed',
    ]);
  });
});

describe('test', () => {
  test('an image alone is a sample', async () => {
    expect(await ready('test/7.tif', 'a')).toEqual(['7 new', '-> stored']);
    expect(await ready('test/7.tif', 'b')).toEqual(['7 changed', '-> stored']);
    expect(await gone('test/7.tif')).toEqual(['7 removed', '-> removed']);
    expect(samples()).toEqual([]);
  });

  test.each([
    [['test/7.png', 'test/7.tif']],
    [['test/7.tif', 'test/7.png']],
    [['test/007.tif', 'test/7.png', 'test/7.tif']],
  ])('of %j the same one counts in every order, each other is told once', async (paths) => {
    const told: string[] = [];
    for (const path of [...paths, ...paths]) told.push(...(await ready(path, path)));
    expect(store.catalog.samples.get('test/7')!.imageSha).toBe(sha256('test/7.tif'));
    expect(told.filter((line) => line.includes('DUPLICATE')).sort()).toEqual(
      paths
        .filter((path) => path !== 'test/7.tif')
        .map((path) => `${path} DUPLICATE_ID`)
        .sort(),
    );
  });

  test('when the file that counts goes, the other takes its place', async () => {
    await ready('test/7.tif', 'tif');
    await ready('test/7.png', 'png');
    expect(await gone('test/7.tif')).toEqual(['7 changed', '-> stored']);
    expect(store.catalog.samples.get('test/7')!.imageSha).toBe(sha256('png'));
    expect([...store.catalog.files.keys()]).toEqual(['test/7.png']);
    expect(await ready('test/7.tif', 'tif')).toEqual([
      'test/7.png DUPLICATE_ID',
      '7 changed',
      '-> stored',
    ]);
    expect(await gone('test/7.png')).toEqual([]);
  });
});

describe('after a restart', () => {
  test('what has not changed is cached, told once', async () => {
    await ready('test/7.tif', 'a');
    await restart();
    expect(await ready('test/7.tif', 'a')).toEqual(['7 cached', '-> stored']);
    expect(await ready('test/7.tif', 'a')).toEqual([]);
  });

  test('the first half of a stored pair says nothing yet, the second tells what changed', async () => {
    await ready('train/1_1.tif', 'i');
    await ready('train/1_1_mask.tif', 'm');
    await restart();
    expect(await ready('train/1_1.tif', 'i')).toEqual([]);
    expect(samples()).toEqual(['train/1_1']);
    expect(await ready('train/1_1_mask.tif', 'm2')).toEqual(['1_1 mask-changed', '-> stored']);
  });

  test('other settings are a reason of their own', async () => {
    await ready('test/7.tif', 'a');
    const larger = { height: 32, width: 32 };
    await restart(larger);
    const preprocessing = preprocessingKey(preprocessingOf({ size: larger }));
    expect(await ready('test/7.tif', 'a', { preprocessing })).toEqual([
      '7 settings-changed',
      '-> stored',
    ]);
  });

  test('rivals do not take turns, in whichever order they are met', async () => {
    await ready('test/7.tif', 'tif');
    await ready('test/7.png', 'png');
    await restart();
    expect(await ready('test/7.png', 'png')).toEqual(['test/7.png DUPLICATE_ID']);
    expect(await ready('test/7.tif', 'tif')).toEqual(['7 cached', '-> stored']);
  });

  test('samples without files go, but not those of a folder out of reach or of an unreadable file', async () => {
    for (const id of ['1', '2', '3']) await ready(`test/${id}.tif`, id);
    await ready('train/1_1.tif', 'i');
    await ready('train/1_1_mask.tif', 'm');
    await restart();
    await ready('test/1.tif', '1');
    expect(await broken('test/3.tif', 'UNREADABLE')).toEqual(['test/3.tif UNREADABLE']);
    const removed = await removeWithoutFiles(
      assembly,
      store.catalog.samples.keys(),
      (split) => split === 'test',
    );
    expect(lines(removed)).toEqual(['2 removed', '-> removed']);
    expect(samples()).toEqual(['test/1', 'test/3', 'train/1_1']);
  });
});

describe('when the store refuses', () => {
  const refuse = () => {
    const commit = vi.spyOn(store.catalog.cache, 'commit').mockRejectedValue(new Error('full'));
    return () => commit.mockRestore();
  };
  const rejected = async (work: Promise<unknown>) => await expect(work).rejects.toThrow('full');

  test('a change is made with the next attempt, with its reason', async () => {
    await ready('test/7.tif', 'a');
    const file = record('test/7.tif', 'b');
    const accepted = () => accept({ type: 'ready', path: file.path, record: file, ms: 0 });
    const accepting = refuse();
    await rejected(accepted());
    accepting();
    expect(await accepted()).toEqual(['7 changed', '-> stored']);
  });

  test('two changes at once are both undone', async () => {
    await ready('test/7.tif', 'a');
    const accepting = refuse();
    const both = ['b', 'c'].map((content) => {
      const file = record('test/7.tif', content);
      return rejected(accept({ type: 'ready', path: file.path, record: file, ms: 0 }));
    });
    await Promise.all(both);
    accepting();
    expect(await ready('test/7.tif', 'b')).toEqual(['7 changed', '-> stored']);
    expect(store.catalog.samples.get('test/7')!.imageSha).toBe(sha256('b'));
  });

  test('a removal is made with the next attempt', async () => {
    await ready('test/7.tif', 'a');
    const accepting = refuse();
    await rejected(gone('test/7.tif'));
    accepting();
    expect(samples()).toEqual(['test/7']);
    expect(await gone('test/7.tif')).toEqual(['7 removed', '-> removed']);
    expect(samples()).toEqual([]);
    expect(store.catalog.files.size).toBe(0);
  });
});

test('of overlapping changes of one sample the last one stands, and alone speaks', async () => {
  const told = await Promise.all(['a', 'b', 'c'].map((content) => ready('test/7.tif', content)));
  expect(store.catalog.samples.get('test/7')!.imageSha).toBe(sha256('c'));
  expect(told.flat().filter((line) => line === '-> stored')).toHaveLength(1);
});
