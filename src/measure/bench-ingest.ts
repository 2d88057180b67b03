import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../settings/options.js';
import { openStore } from '../store/open-store.js';
import { PixelThreads } from '../streams/intake/pixel-threads.js';
import { takeInOnce } from '../streams/intake/take-in-once.js';
import { writeSyntheticDataSet } from '../synthetic/data-set.js';
import { OpencvPeer } from './opencv-peer.js';
import { secondsToRun } from './seconds-to-run.js';
import { type Spread, spreadOf } from './spread.js';

/** What `bench ingest` prints. */
export interface IngestFigures {
  readonly filesPerSecond: Spread;
  readonly files: number;
  readonly threads: number;
  readonly size: string;
  /** OpenCV in two Python processes on the same files, decode and resize only; null when it is not there. */
  readonly opencvFilesPerSecond: Spread | null;
  /** Of the rounds' ratios, ours to OpenCV's: each pair was measured one after the other. */
  readonly timesOpencv: Spread | null;
  /** All of `nerveflow ingest`, from its start to its end. */
  readonly secondsFromStart: Spread;
  /** All of OpenCV's script, in the same way. */
  readonly opencvSecondsFromStart: Spread | null;
  /** The version compared with, or why there was nothing to compare with. */
  readonly opencv: string;
}

const roundCount = 7;
const roundsFromStart = 3;
const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
const dataSet = {
  subjects: 10,
  perSubject: 10,
  test: 100,
  emptyShare: 0.5,
  size: { height: 420, width: 580 },
  seed: 1,
};

/**
 * From LZW TIFFs on disk to pixels in a new LevelDB, several times over, by turns with OpenCV doing
 * the same work but for hashing and keeping: whatever else the machine does troubles both alike. Once
 * with threads and processes that wait for work, as they do in a program that watches a folder, once
 * with everything that starting takes.
 */
export async function benchIngest(
  settings: Pick<Settings, 'size' | 'settle' | 'threads'>,
): Promise<IngestFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'nerveflow-bench-'));
  const raw = join(folder, 'raw');
  const size = `${settings.size.height}x${settings.size.width}`;
  let peer: OpencvPeer | null = null;
  try {
    const { train, test } = await writeSyntheticDataSet(raw, dataSet);
    const files = 2 * train + test;
    const found = await OpencvPeer.start(raw, size);
    if (found.ok) peer = found.value;
    const threads = new PixelThreads();
    const rates: number[] = [];
    const peerRates: number[] = [];
    // One round more than is counted: the first one warms the file cache.
    for (let round = 0; round <= roundCount; round++) {
      const store = join(folder, `store-${round}`);
      const rate = files / (await secondsToTakeIn({ ...settings, raw }, store, threads));
      const peerRate = await peer?.filesPerSecond();
      if (round === 0) continue;
      rates.push(rate);
      if (peerRate !== undefined) peerRates.push(peerRate);
    }
    const seconds: number[] = [];
    const peerSeconds: number[] = [];
    for (let round = 0; round < roundsFromStart; round++) {
      seconds.push(
        await secondsFromStart(settings, raw, join(folder, `store-of-its-own-${round}`)),
      );
      if (peer !== null) peerSeconds.push(await peer.secondsFromStart());
    }
    const isCompared = peerRates.length === roundCount;
    return {
      filesPerSecond: spreadOf(rates),
      files,
      threads: settings.threads,
      size,
      opencvFilesPerSecond: isCompared ? spreadOf(peerRates) : null,
      timesOpencv: isCompared ? spreadOf(rates.map((rate, at) => rate / peerRates[at]!)) : null,
      secondsFromStart: spreadOf(seconds),
      opencvSecondsFromStart: peer === null ? null : spreadOf(peerSeconds),
      opencv: found.ok ? found.value.version : found.failure.message,
    };
  } finally {
    peer?.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function secondsToTakeIn(
  settings: Pick<Settings, 'raw' | 'size' | 'settle'>,
  storeRoot: string,
  threads: PixelThreads,
): Promise<number> {
  const store = await openStore(storeRoot, 'bench');
  try {
    const { catalog, paths } = store;
    const started = performance.now();
    await takeInOnce({ settings, catalog, paths, threads }, () => {});
    return (performance.now() - started) / 1000;
  } finally {
    await store.close();
  }
}

async function secondsFromStart(
  { size, settle }: Pick<Settings, 'size' | 'settle'>,
  raw: string,
  storeRoot: string,
): Promise<number> {
  const options = ['--raw', raw, '--store', storeRoot, '--json', '--settle', `${settle}`];
  const sized = ['--size', `${size.height}x${size.width}`];
  // Elsewhere than in a folder that may hold settings of its own.
  return await secondsToRun(process.execPath, [cli, 'ingest', ...options, ...sized], raw);
}
