import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { GridSize } from '../operators/image.js';
import type { BackendTiming, BackendTimings } from '../store/backend-timings.js';
import { cpuName } from './device.js';
import type { Rung, RungSettings } from './rung.js';

/** A network as timings know it: what decides how long a step takes. */
export function networkName(recipe: string, { height, width }: GridSize): string {
  return `${recipe} ${height}x${width}`;
}

/**
 * All that is cheap to know and makes timings worthless when it changes: versions, processor, threads,
 * which backends are installed, and the GPU's driver.
 */
export function machineName(
  program: string,
  { threads, precision }: RungSettings,
  rungs: readonly Rung[],
): string {
  const installed = rungs.filter((rung) => rung.probe().usable).map(({ name }) => name);
  return [
    `nerveflow ${program}`,
    `node ${process.versions.node}`,
    `tfjs ${versionOf('@tensorflow/tfjs-core')}`,
    `dawn ${versionOf('webgpu')}`,
    `${process.platform}-${process.arch}`,
    cpuName(),
    `${threads} threads`,
    precision,
    installed.join(' '),
    nvidiaDriver(),
    process.env.NERVEFLOW_WEBGPU_SOFTWARE === '1' ? 'software GPU' : '',
  ].join('; ');
}

/**
 * The ladder for `--backend auto`: the rungs that were timed for this network on this machine, fastest
 * first, then the others as they were. Without such timings, the ladder itself.
 */
export function orderByTimings(
  rungs: readonly Rung[],
  timings: BackendTimings | null,
  machine: string,
  network: string,
): readonly Rung[] {
  const found = timings?.machine === machine ? timings.networks[network] : undefined;
  if (!found) return rungs;
  const timed = found
    .toSorted((a, b) => a.stepMs - b.stepMs)
    .flatMap(({ rung }) => rungs.filter(({ name }) => name === rung));
  return [...timed, ...rungs.filter((rung) => !timed.includes(rung))];
}

/** For people, e.g. `wasm 180 ms, onednn 240 ms`. */
export function timingsText(timings: readonly BackendTiming[]): string {
  return timings
    .toSorted((a, b) => a.stepMs - b.stepMs)
    .map(({ rung, stepMs }) => `${rung} ${stepMs.toFixed(stepMs < 10 ? 1 : 0)} ms`)
    .join(', ');
}

/** Read where Node would look for it: not every package lets its package.json be resolved by name. */
function versionOf(packageName: string): string {
  for (const root of createRequire(import.meta.url).resolve.paths(packageName) ?? []) {
    const text = textOf(join(root, packageName, 'package.json'));
    if (text) return (JSON.parse(text) as { version: string }).version;
  }
  return 'none';
}

function nvidiaDriver(): string {
  return textOf('/proc/driver/nvidia/version')?.split('\n', 1)[0] ?? 'no NVIDIA driver';
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
