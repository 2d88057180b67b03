import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { cpuName } from '../compute/device.js';
import { probeLadder, type RungReport } from '../compute/probe.js';
import type { Settings } from '../settings/options.js';
import { readBest } from '../store/checkpoints.js';
import { openStore, StoreFailure } from '../store/open-store.js';
import { type Command, folderOptions } from './command.js';
import { exitCode } from './exit-code.js';
import { version } from './version.js';

export const doctor: Command = {
  name: 'doctor',
  summary: 'what this machine has: backends, threads, memory, inotify limit, store health',
  options: [...folderOptions, 'threads', 'precision', 'json'],
  async run(settings) {
    const report = await examine(settings);
    process.stdout.write(`${settings.json ? JSON.stringify(report) : textOf(report)}\n`);
    return exitCode.done;
  },
};

interface Report {
  readonly nerveflow: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly threads: number;
  readonly memory: { readonly totalMB: number; readonly freeMB: number };
  /** null where the system has no inotify. */
  readonly inotifyWatches: number | null;
  readonly backends: readonly RungReport[];
  readonly store: StoreHealth;
}

type StoreHealth =
  | { readonly state: 'unusable'; readonly path: string; readonly message: string }
  | {
      readonly state: 'healthy' | 'repaired';
      readonly path: string;
      readonly files: number;
      readonly pairs: number;
      readonly testImages: number;
      readonly predictions: number;
      readonly model: string | null;
    };

async function examine(settings: Settings): Promise<Report> {
  return {
    nerveflow: version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpuName(),
    threads: settings.threads,
    memory: { totalMB: megabytes(totalmem()), freeMB: megabytes(freemem()) },
    inotifyWatches: inotifyWatches(),
    backends: await probeLadder(settings),
    store: await storeHealth(settings.store),
  };
}

async function storeHealth(root: string): Promise<StoreHealth> {
  const path = resolve(root);
  try {
    const store = await openStore(root, 'doctor');
    const { catalog, paths } = store;
    const best = await readBest(paths.models);
    const health: StoreHealth = {
      state: store.rebuilt === null ? 'healthy' : 'repaired',
      path,
      files: catalog.files.size,
      pairs: [...catalog.samplesOf('train')].length,
      testImages: [...catalog.samplesOf('test')].length,
      predictions: catalog.predictions.size,
      model: best.status === 'found' ? best.value.card.modelId : null,
    };
    await store.close();
    return health;
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    return { state: 'unusable', path, message: error.message };
  }
}

function inotifyWatches(): number | null {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_user_watches', 'utf8'));
  } catch {
    return null;
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function textOf(report: Report): string {
  const { memory, store, inotifyWatches: watches } = report;
  const rows: [string, string][] = [
    ['nerveflow', report.nerveflow],
    ['node', `${report.node} on ${report.platform}`],
    ['processor', report.processor],
    ['threads', String(report.threads)],
    ['memory', `${memory.freeMB} MB free of ${memory.totalMB} MB`],
    ['inotify watches', watches === null ? 'none on this system' : String(watches)],
  ];
  const firstUsable = report.backends.find((backend) => backend.usable);
  const backends = report.backends.map((backend) => {
    const mark = backend === firstUsable ? '>' : ' ';
    const state = backend.usable
      ? `usable: ${backend.device}, ${backend.threads} threads, version ${backend.version}`
      : `not usable: ${backend.reason}`;
    return `${mark} ${backend.rung.padEnd(16)}${state}`;
  });
  const storeText =
    store.state === 'unusable'
      ? store.message
      : `${store.state}: ${store.files} files, ${store.pairs} pairs, ${store.testImages} test images, ${store.predictions} predictions, model ${store.model ?? 'none yet'}`;
  return [
    ...rows.map(([name, value]) => `${name.padEnd(18)}${value}`),
    '',
    'backends, best first (> is what --backend auto takes):',
    ...backends,
    '',
    `store ${store.path}`,
    `  ${storeText}`,
  ].join('\n');
}
