import type { SkippedBackend } from '../../events.js';
import type { ComputeInfo } from '../compute.js';
import type { Child, StartChild } from '../parent/start-child.js';
import type { FromCompute } from '../protocol.js';
import type { BackendCandidate, BackendSettings, Unusable } from './candidate.js';

export interface SelectedBackend {
  readonly candidate: BackendCandidate;
  readonly child: Child;
  readonly info: ComputeInfo;
}

export type ProbeResult =
  | {
      readonly usable: true;
      readonly child: Child;
      readonly info: Omit<ComputeInfo, 'skipped'>;
      readonly version: string;
    }
  | Unusable;

/** Loading CUDA's libraries for the first time takes a minute on slow disks. */
const loadWithinMs = 180_000;

/**
 * Tries one candidate in a process of its own: a native module that kills its process kills no more
 * than that. The process that succeeds is kept and becomes the compute process.
 */
export async function probeCandidate(
  candidate: BackendCandidate,
  { threads, precision }: BackendSettings,
  start: StartChild,
  withinMs: number = loadWithinMs,
): Promise<ProbeResult> {
  const found = candidate.availability();
  if (!found.usable) return found;
  // No more than that: what else a caller's settings hold may not be fit to be sent.
  const settings: BackendSettings = { threads, precision };
  const child = start(candidate.environment(settings));
  let timer: NodeJS.Timeout | undefined;
  const outcome = await Promise.race([
    firstWord(child),
    child.exited.then((exit) => ({ type: 'unusable', reason: crashReason(exit) }) as const),
    new Promise<{ readonly type: 'unusable'; readonly reason: string }>((resolve) => {
      timer = setTimeout(
        () => resolve({ type: 'unusable', reason: `not ready within ${withinMs / 1000} s` }),
        withinMs,
      );
    }),
  ]);
  clearTimeout(timer);
  if (outcome.type === 'ready') {
    return { usable: true, child, info: outcome.info, version: outcome.version };
  }
  child.kill();
  return { usable: false, reason: outcome.reason };

  function firstWord(of: Child): Promise<Extract<FromCompute, { type: 'ready' | 'unusable' }>> {
    return new Promise((resolve) => {
      of.onMessage((message) => {
        if (message.type === 'ready' || message.type === 'unusable') resolve(message);
      });
      of.send({ type: 'start', candidate: candidate.name, settings });
    });
  }
}

/** The first usable candidate, or why none was. */
export async function selectBackend(
  candidates: readonly BackendCandidate[],
  settings: BackendSettings,
  start: StartChild,
): Promise<SelectedBackend | { readonly skipped: readonly SkippedBackend[] }> {
  const skipped: SkippedBackend[] = [];
  for (const candidate of candidates) {
    const result = await probeCandidate(candidate, settings, start);
    if (result.usable) {
      return { candidate, child: result.child, info: { ...result.info, skipped } };
    }
    const { backend } = candidate;
    const known = skipped.some(
      (other) => other.backend === backend && other.reason === result.reason,
    );
    if (!known) skipped.push({ backend, reason: result.reason });
  }
  return { skipped };
}

function crashReason({ how, lastWords }: { how: string; lastWords: string }): string {
  const last = lastWords.split('\n').at(-1);
  return `its process was ${how} while loading${last ? `: ${last}` : ''}`;
}
