import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { cpuName } from '../compute/backends/cpu-name.js';
import type { Settings } from '../settings/options.js';
import { UsageError } from '../settings/read-settings.js';
import { lookAtStore } from '../store/look-at-store.js';
import { StoreFailure } from '../store/open-store.js';
import { storePaths } from '../store/store-paths.js';
import { openLogger } from '../ui/open-logger.js';
import { version } from '../version.js';
import { type ExitCode, exitCode } from './exit-code.js';
import { EventStream } from './resources/event-stream.js';
import { FlowControls } from './resources/flow-controls.js';
import { serveWeb } from './resources/serve-web.js';
import { onStopSignals } from './resources/signals.js';

/** The page of a store that nobody works on; where somebody does, says where the page is or how to have it. */
export async function web(settings: Settings): Promise<ExitCode> {
  const { web: address, raw, threads } = settings;
  if (address === null) throw new UsageError('--web: it takes a port, e.g. 8420');
  const store = await lookAtStore(settings.store, 'web').catch(async (error: unknown) => {
    const isHeld = error instanceof StoreFailure && error.code === 'STORE_HELD';
    throw isHeld ? await heldFailure(error, settings.store) : error;
  });
  const controls = new FlowControls();
  const stopped = once(controls.stopping, 'abort');
  try {
    await using stream = new EventStream();
    stream.addReader(await serveWeb(address, settings, store, null, stream));
    // There is nothing for a dashboard to show.
    const told = { ...settings, plain: true };
    stream.addReader(await openLogger(stream.events$, told, controls));
    using _signals = onStopSignals(controls.quit);
    stream.emit({
      ...{ type: 'ready', backend: null, device: cpuName(), threads, version, skipped: [] },
      ...{ raw: resolve(raw), store: resolve(settings.store) },
    });
    // A server is no reason to go on running, but here it is all there is.
    const staying = setInterval(() => {}, 60_000);
    await stopped;
    clearInterval(staying);
    stream.emit({ type: 'stopped', reason: 'interrupted' });
  } finally {
    await store.close();
  }
  return exitCode.interrupted;
}

const servedSchema = z.object({ pid: z.number(), url: z.string() });
const holderSchema = z.object({ pid: z.number() });

async function heldFailure({ message }: StoreFailure, store: string): Promise<StoreFailure> {
  const paths = storePaths(store);
  const served = await readJson(paths.web, servedSchema);
  const holder = await readJson(paths.holder, holderSchema);
  // Left by a program that did not come to remove it, it says nothing of this one.
  const isServed = served !== null && served.pid === holder?.pid;
  const then = isServed
    ? `; its page is at ${served.url} (with the token that it printed, if it did)`
    : '; start that with --web, and it serves the page itself';
  return new StoreFailure('STORE_HELD', message + then);
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}
