import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Subscription } from 'rxjs';
import { AttachFailure } from '../attach/attachment.js';
import { cpuName } from '../compute/backends/cpu-name.js';
import type { Compute, ComputeInfo } from '../compute/compute.js';
import { ComputeFailure } from '../compute/compute.js';
import { ComputeProcess } from '../compute/parent/compute-process.js';
import type { PipelineEvent, StoppedEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { UsageError } from '../settings/read-settings.js';
import { type OpenStore, openStore, StoreFailure } from '../store/open-store.js';
import { computesOnGpu, gpuReader } from '../streams/gpu-use.js';
import { StoreRefusals } from '../streams/store-refusals.js';
import { systemEvents } from '../streams/system-sampler.js';
import type { Controls } from '../ui/controls.js';
import { admitViewers } from './admit-viewers.js';
import { candidatesForSettings } from './backends-for-settings.js';
import { type ExitCode, exitCode } from './exit-code.js';
import { startReporting } from './reporting.js';
import type { ServedMetrics } from './serve-metrics.js';
import { onStopSignal } from './stop-signal.js';
import { version } from './version.js';

/** What a command works with. */
export interface Flow {
  readonly settings: Settings;
  readonly store: OpenStore;
  readonly compute: Compute;
  emit(event: PipelineEvent): void;
}

/** A command's own part; `stop` asks it to finish what is in hand, `controls` are for the keys. */
export interface FlowTask {
  run(): Promise<StoppedEvent['reason']>;
  stop(): Promise<void>;
  /** Test images without a current prediction. */
  pending?(): number;
  readonly controls?: Partial<Omit<Controls, 'quit'>>;
}

export interface FlowOptions {
  readonly command: string;
  readonly needsCompute: boolean;
  readonly needsRaw: boolean;
  /** Its work begins while a backend is still being looked for: not all of it computes. */
  readonly beginsAtOnce?: boolean;
  /** Whether `--metrics` counts: only for what runs long enough to be looked at. */
  readonly servesMetrics?: boolean;
}

/**
 * The frame around every command that works on a store: opens it, starts the compute process and
 * the log, runs the task, and closes all of it again in every case.
 */
export async function runFlow(
  settings: Settings,
  { command, needsCompute, needsRaw, beginsAtOnce = false, servesMetrics = false }: FlowOptions,
  makeTask: (flow: Flow) => FlowTask,
): Promise<ExitCode> {
  if (needsRaw) checkRaw(settings.raw);
  const compute = new ComputeProcess(settings, {
    candidates: await candidatesForSettings(settings),
  });
  const starting = needsCompute ? compute.start().catch(asFailure) : null;
  const store = await openStore(settings.store, command).catch(async (error) => {
    await compute.close();
    throw error;
  });
  let task: FlowTask | null = null;
  const metrics = await startMetrics(
    servesMetrics ? settings.metrics : null,
    store,
    () => task?.pending?.() ?? null,
  ).catch(async (error) => {
    await compute.close();
    await store.close();
    throw error;
  });
  let isStopping = false;
  const stopTask = async () => await task?.stop();
  const stop = () => {
    if (isStopping) process.exit(exitCode.interrupted);
    isStopping = true;
    void stopTask();
  };
  const controls: Controls = {
    quit: stop,
    pause: (isPaused) => task?.controls?.pause?.(isPaused),
    train: () => task?.controls?.train?.(),
    predictAgain: () => task?.controls?.predictAgain?.(),
    retryFailed: () => task?.controls?.retryFailed?.(),
  };
  const reporting = await startReporting(settings, controls);
  metrics?.follow(reporting);
  const viewers = await admitViewers(store.paths.root, command, reporting, controls);
  const removeSignals = onStopSignal(stop);
  const refusals = new StoreRefusals(reporting.emit);
  reporting.events$.subscribe((event) => refusals.add(event));
  const costs = new Subscription();
  try {
    const begin = () => {
      task = makeTask({ settings, store, compute, emit: reporting.emit });
      return isStopping ? Promise.resolve('interrupted' as const) : task.run();
    };
    const running = beginsAtOnce ? begin() : null;
    // Looked at when it is its turn, and no unhandled rejection until then.
    running?.catch(() => {});
    const info = await starting;
    if (info instanceof ComputeFailure) {
      if (running !== null) await Promise.all([stopTask(), running]);
      throw info;
    }
    reporting.emit(readyEvent(settings, info));
    if (store.rebuilt !== null) {
      reporting.emit({
        type: 'notice',
        level: 'warning',
        code: 'CACHE_REBUILT',
        message: store.rebuilt,
      });
    }
    const readGpu = info !== null && computesOnGpu(info) ? gpuReader() : undefined;
    costs.add(
      systemEvents(store.paths.root, compute.health$, undefined, readGpu).subscribe(reporting.emit),
    );
    const reason = await (running ?? begin());
    refusals.close();
    reporting.emit({ type: 'stopped', reason });
    return exitCodeOf(reason);
  } finally {
    removeSignals();
    refusals.close();
    costs.unsubscribe();
    await compute.close();
    await store.close();
    await metrics?.close();
    await viewers.close();
    await reporting.close();
  }
}

/** One line for people, and the exit code, for whatever may be expected to stop a command. */
export function explainFailure(error: unknown): { line: string; code: ExitCode } | null {
  if (error instanceof UsageError) return { line: error.message, code: exitCode.badUsage };
  if (error instanceof StoreFailure) {
    const isHeld = error.code === 'STORE_HELD';
    return { line: error.message, code: isHeld ? exitCode.storeHeld : exitCode.failed };
  }
  if (error instanceof AttachFailure) return { line: error.message, code: exitCode.failed };
  if (error instanceof ComputeFailure) {
    const isSetting = error.code === 'BACKEND_UNUSABLE';
    return { line: error.message, code: isSetting ? exitCode.badUsage : exitCode.failed };
  }
  return null;
}

async function startMetrics(
  address: Settings['metrics'],
  store: OpenStore,
  pending: () => number | null,
): Promise<ServedMetrics | null> {
  if (address === null) return null;
  // prom-client is loaded only where somebody asks for numbers.
  const { serveMetrics } = await import('./serve-metrics.js');
  return await serveMetrics(address, store, pending);
}

function checkRaw(raw: string): void {
  let isFolder = false;
  try {
    isFolder = statSync(raw).isDirectory();
  } catch {
    // Said below.
  }
  if (!isFolder)
    throw new UsageError(`--raw: ${JSON.stringify(raw)} is not there; it takes a folder`);
}

function readyEvent(settings: Settings, info: ComputeInfo | null): PipelineEvent {
  return {
    type: 'ready',
    backend: info?.backend ?? null,
    device: info?.device ?? cpuName(),
    threads: info?.threads ?? settings.threads,
    raw: resolve(settings.raw),
    store: resolve(settings.store),
    version,
    skipped: info?.skipped ?? [],
  };
}

function exitCodeOf(reason: StoppedEvent['reason']): ExitCode {
  switch (reason) {
    case 'done':
      return exitCode.done;
    case 'interrupted':
      return exitCode.interrupted;
    case 'failed':
      return exitCode.failed;
  }
}

/** Looked at only when it is its turn, so that it is no unhandled rejection until then. */
function asFailure(error: unknown): ComputeFailure {
  if (error instanceof ComputeFailure) return error;
  throw error;
}
