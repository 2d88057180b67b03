import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BackendCandidate, BackendSettings } from './candidate.js';
import { cpuName } from './cpu-name.js';

/**
 * All that is cheap to know and makes timings worthless when it changes: versions, processor, threads,
 * which backends are installed, and the GPU's driver.
 */
export function machineName(
  program: string,
  { threads, precision }: BackendSettings,
  candidates: readonly BackendCandidate[],
): string {
  const installed = candidates
    .filter((candidate) => candidate.availability().usable)
    .map(({ name }) => name);
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
