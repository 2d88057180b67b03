import type { SkippedBackend } from '../events.js';
import type { Child, StartChild } from './child.js';
import type { ComputeInfo } from './compute.js';
import type { FromCompute } from './protocol.js';
import type { Availability, Rung, RungSettings } from './rung.js';

export interface Climbed {
  readonly rung: Rung;
  readonly child: Child;
  readonly info: ComputeInfo;
}

export type Attempt =
  | {
      readonly usable: true;
      readonly child: Child;
      readonly info: Omit<ComputeInfo, 'skipped'>;
      readonly version: string;
    }
  | Extract<Availability, { usable: false }>;

/** Loading CUDA's libraries for the first time takes a minute on slow disks. */
const loadWithinMs = 180_000;

/**
 * Tries one rung in a process of its own: a native module that kills its process kills no more than
 * that. The process that succeeds is kept and becomes the compute process.
 */
export async function attempt(
  rung: Rung,
  settings: RungSettings,
  start: StartChild,
  withinMs: number = loadWithinMs,
): Promise<Attempt> {
  const found = rung.probe();
  if (!found.usable) return found;
  const child = start(rung.environment(settings));
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
      of.send({ type: 'start', rung: rung.name, settings });
    });
  }
}

/** The first usable rung, or why none was. */
export async function climb(
  rungs: readonly Rung[],
  settings: RungSettings,
  start: StartChild,
): Promise<Climbed | { readonly skipped: readonly SkippedBackend[] }> {
  const skipped: SkippedBackend[] = [];
  for (const rung of rungs) {
    const result = await attempt(rung, settings, start);
    if (result.usable) {
      return { rung, child: result.child, info: { ...result.info, skipped } };
    }
    const { backend } = rung;
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
