import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import type { BackendCandidate, CandidateName } from '../compute/backends/candidate.js';
import { backendCandidates } from '../compute/backends/candidates.js';
import { cpuName } from '../compute/backends/cpu-name.js';
import { machineName } from '../compute/backends/machine-name.js';
import { networkName, timingsText } from '../compute/backends/order-by-timings.js';
import { type CandidateReport, probeBackends } from '../compute/backends/probe-backends.js';
import { examineStore, repairStore, type StoreReport } from '../doctor/store-report.js';
import { storeText } from '../doctor/store-text.js';
import { timeBackends } from '../measure/time-backends.js';
import type { Settings } from '../settings/options.js';
import {
  type BackendTiming,
  readBackendTimings,
  saveBackendTimings,
} from '../store/backend-timings.js';
import { version } from '../version.js';
import { candidatesForSettings } from './backends-for-settings.js';
import { type ExitCode, exitCode } from './exit-code.js';

export async function doctor(settings: Settings): Promise<ExitCode> {
  const report = await examine(settings);
  process.stdout.write(`${settings.json ? JSON.stringify(report) : textOf(report)}\n`);
  return report.store.state === 'unwell' ? exitCode.failed : exitCode.done;
}

interface Report {
  readonly nerveflow: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly threads: number;
  readonly memory: { readonly totalMB: number; readonly freeMB: number };
  /** null where the system has no inotify. */
  readonly inotifyWatches: number | null;
  readonly backends: readonly CandidateReport[];
  /** The candidate that --backend auto takes for this recipe and size; null where none is usable. */
  readonly taken: CandidateName | null;
  /** What --bench measured now or before: null where it never did on this machine. */
  readonly timings: { readonly network: string; readonly rungs: readonly BackendTiming[] } | null;
  readonly store: StoreReport;
}

async function examine(settings: Settings): Promise<Report> {
  // First: who cannot have the store need not wait for the backends.
  const store = settings.repair
    ? await repairStore(settings.store)
    : await examineStore(settings.store, version);
  const backends = await probeBackends(settings);
  const network = networkName(settings.recipe, settings.size);
  const machine = machineName(version, settings, backendCandidates);
  if (settings.bench) {
    const { timings, failed } = await timeBackends(settings, backends, backendCandidates);
    for (const { candidate, message } of failed)
      process.stderr.write(`${candidate} not timed: ${message}\n`);
    await saveBackendTimings(settings.store, machine, network, timings);
  }
  const known = await readBackendTimings(settings.store);
  const timed = known?.machine === machine ? known.networks[network] : undefined;
  const order = await candidatesForSettings(settings);
  const isUsable = (candidate: BackendCandidate) =>
    backends.some((each) => each.rung === candidate.name && each.usable);
  return {
    nerveflow: version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpuName(),
    threads: settings.threads,
    memory: { totalMB: megabytes(totalmem()), freeMB: megabytes(freemem()) },
    inotifyWatches: inotifyWatches(),
    backends,
    taken: order.find(isUsable)?.name ?? null,
    timings: timed ? { network, rungs: timed } : null,
    store,
  };
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
  const backends = report.backends.map((backend) => {
    const mark = backend.rung === report.taken ? '>' : ' ';
    const state = backend.usable
      ? `usable: ${backend.device}, ${backend.threads} threads, version ${backend.version}`
      : `not usable: ${backend.reason}`;
    return `${mark} ${backend.rung.padEnd(16)}${state}`;
  });
  return [
    ...rows.map(([name, value]) => `${name.padEnd(18)}${value}`),
    '',
    'backends, best first (> is what --backend auto takes):',
    ...backends,
    ...(report.timings
      ? [`timed, a step of ${report.timings.network}: ${timingsText(report.timings.rungs)}`]
      : []),
    '',
    ...storeText(store),
  ].join('\n');
}
