import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { cpuName } from '../compute/backends/cpu-name.js';
import { type Compute, ComputeFailure, type ComputeInfo } from '../compute/compute.js';
import type { PipelineEvent, StoppedEvent } from '../events.js';
import type { Settings } from '../settings/options.js';
import { UsageError } from '../settings/read-settings.js';
import type { OpenStore } from '../store/open-store.js';
import { openLogger } from '../ui/open-logger.js';
import { version } from '../version.js';
import { type ExitCode, exitCode } from './exit-code.js';
import { EventStream } from './resources/event-stream.js';
import { FlowControls, type Offer } from './resources/flow-controls.js';
import { sampleSystem } from './resources/sample-system.js';
import { serveAttach } from './resources/serve-attach.js';
import { onStopSignals } from './resources/signals.js';
import { openStoreAndCompute, type StoreAndCompute } from './resources/store-and-compute.js';
import { tellStoreRefusals } from './resources/tell-store-refusals.js';

/** What a command works with. */
export interface Flow {
  readonly settings: Settings;
  readonly store: OpenStore;
  readonly compute: Compute;
  /** Aborts when the command is to finish what is in hand. */
  readonly stopping: AbortSignal;
  emit(event: PipelineEvent): void;
  /** Says what keys, signals and viewers may ask of the command. */
  offer(offer: Offer): void;
}

/** A command's own part. */
export type Work = (flow: Flow) => Promise<StoppedEvent['reason']>;

export interface FlowOptions {
  readonly command: string;
  readonly needsCompute: boolean;
  readonly needsRaw: boolean;
  /** Its work begins while a backend is still being looked for: not all of it computes. */
  readonly beginsAtOnce?: boolean;
  /** Whether `--metrics` counts: only for what runs long enough to be looked at. */
  readonly servesMetrics?: boolean;
  /** Whether `--web` counts. */
  readonly servesPage?: boolean;
}

/**
 * The frame around every command that works on a store. What is opened here is closed again in
 * reverse order, whatever happens; readers of the events are closed last, with their stream.
 */
export async function runFlow(
  settings: Settings,
  options: FlowOptions,
  work: Work,
): Promise<ExitCode> {
  const { command, needsCompute, needsRaw, servesMetrics, servesPage } = options;
  if (needsRaw) checkRaw(settings.raw);
  const controls = new FlowControls();
  await using stream = new EventStream();
  await using opened = await openStoreAndCompute(settings, command, needsCompute);
  if (servesMetrics && settings.metrics !== null) {
    // prom-client is loaded only where somebody asks for numbers.
    const { serveMetrics } = await import('./resources/serve-metrics.js');
    const { metrics } = settings;
    stream.addReader(await serveMetrics(metrics, opened.store, controls.pending, stream));
  }
  if (servesPage && settings.web !== null) {
    // So is what serves the page.
    const { serveWeb } = await import('./resources/serve-web.js');
    stream.addReader(await serveWeb(settings.web, settings, opened.store, command, stream));
  }
  stream.addReader(await openLogger(stream.events$, settings, controls));
  stream.addReader(await serveAttach(opened.store.paths.root, command, stream, controls));
  using _signals = onStopSignals(controls.quit);
  const reason = await runWork(work, settings, options, opened, stream, controls);
  stream.emit({ type: 'stopped', reason });
  return exitCodeOf(reason);
}

async function runWork(
  work: Work,
  settings: Settings,
  { beginsAtOnce }: FlowOptions,
  { store, compute, found }: StoreAndCompute,
  stream: EventStream,
  controls: FlowControls,
): Promise<StoppedEvent['reason']> {
  using _refusals = tellStoreRefusals(stream);
  const { emit } = stream;
  const { stopping } = controls;
  const begin = async () => {
    if (stopping.aborted) return 'interrupted';
    const offer = (offered: Offer) => controls.use(offered);
    return await work({ settings, store, compute, stopping, emit, offer });
  };
  const running = beginsAtOnce ? begin() : null;
  // Looked at when it is its turn, and no unhandled rejection until then.
  running?.catch(() => {});
  const info = await found;
  if (info instanceof ComputeFailure) {
    controls.stop();
    await running;
    throw info;
  }
  emit(readyEvent(settings, info));
  if (store.rebuilt !== null) {
    emit({ type: 'notice', level: 'warning', code: 'CACHE_REBUILT', message: store.rebuilt });
  }
  using _system = sampleSystem(stream, store.paths.root, compute, info);
  return await (running ?? begin());
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
