import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../settings/options.js';
import { openStore } from '../store/open-store.js';
import { makeIntake } from '../streams/make-intake.js';
import { scanFolder } from '../streams/scan-folder.js';
import { takeInOnce } from '../streams/take-in-once.js';
import { writeSyntheticDataSet } from '../synthetic/data-set.js';
import { type Spread, spreadOf } from './spread.js';

/** What `bench ingest` prints. */
export interface IngestFigures {
  readonly filesPerSecond: Spread;
  readonly files: number;
  readonly threads: number;
  readonly size: string;
}

const ROUNDS = 5;
const dataSet = {
  subjects: 10,
  perSubject: 10,
  test: 100,
  emptyShare: 0.5,
  size: { height: 420, width: 580 },
  seed: 1,
};

/** From LZW TIFFs on disk to pixels in a new LevelDB, several times over. */
export async function benchIngest(
  settings: Pick<Settings, 'size' | 'settle' | 'threads'>,
): Promise<IngestFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'nerveflow-bench-'));
  const raw = join(folder, 'raw');
  try {
    const { train, test } = await writeSyntheticDataSet(raw, dataSet);
    const files = 2 * train + test;
    const rates: number[] = [];
    // One round more than is counted: the first one warms the file cache.
    for (let round = 0; round <= ROUNDS; round++) {
      const store = await openStore(join(folder, `store-${round}`), 'bench');
      const intake = makeIntake({ ...settings, raw }, store.catalog, store.paths, {
        signals$: scanFolder(raw),
        reconcileEveryMs: 0,
      });
      const started = performance.now();
      await takeInOnce(intake, () => {});
      const seconds = (performance.now() - started) / 1000;
      if (round > 0) rates.push(files / seconds);
      await store.close();
    }
    const size = `${settings.size.height}x${settings.size.width}`;
    return { filesPerSecond: spreadOf(rates), files, threads: settings.threads, size };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
