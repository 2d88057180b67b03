import { statfs } from 'node:fs/promises';
import { exhaustMap, interval, Observable, timer } from 'rxjs';
import type { ComputeHealth } from '../compute/compute.js';
import type { GpuUse, SystemEvent } from '../events.js';
import type { ReadGpu } from './gpu-use.js';
import { residentMemory } from './resident-memory.js';

type ComputeCost = NonNullable<SystemEvent['compute']>;

/** Asking a GPU is a process of its own. */
const looksAGpuWaits = 5;

/**
 * What the program costs the machine, every `everyMs`; of the compute process what it last told of
 * itself. `folder` is on the disk whose room is told.
 */
export function systemEvents(
  folder: string,
  health$: Observable<ComputeHealth>,
  everyMs = 2_000,
  readGpu?: ReadGpu,
): Observable<SystemEvent> {
  return new Observable((subscriber) => {
    const program = new CpuShare();
    program.of(programCpuMs());
    let childCpu = new CpuShare();
    let compute: ComputeCost | null = null;
    let gpu: GpuUse | null = null;
    const subscription = health$.subscribe((health) => {
      if (health.state === 'memory') {
        const { tensors, tensorBytes, rss, cpuMs } = health;
        const cpu = cpuMs === undefined ? null : childCpu.of(cpuMs);
        compute = { cpu, rss, tensors, tensorBytes };
      } else {
        // Another process counts from nothing.
        childCpu = new CpuShare();
        compute = null;
      }
    });
    subscription.add(
      interval(everyMs)
        .pipe(exhaustMap(() => freeBytes(folder)))
        .subscribe((diskFree) => {
          const rss = residentMemory();
          const cpu = program.of(programCpuMs());
          subscriber.next({
            type: 'system',
            program: { cpu, rss },
            compute,
            diskFree,
            ...(gpu && { gpu }),
          });
        }),
    );
    if (readGpu !== undefined) {
      subscription.add(
        timer(0, everyMs * looksAGpuWaits)
          .pipe(exhaustMap(readGpu))
          .subscribe((use) => {
            gpu = use;
          }),
      );
    }
    return subscription;
  });
}

/** Share of one core between two looks at a process's processor time. */
class CpuShare {
  private last: { readonly cpuMs: number; readonly at: number } | null = null;
  private share: number | null = null;

  of(cpuMs: number): number | null {
    const at = performance.now();
    const last = this.last;
    // Two looks in quick succession say little.
    if (last !== null && at - last.at < 500) return this.share;
    if (last !== null) this.share = Math.max(0, (cpuMs - last.cpuMs) / (at - last.at));
    this.last = { cpuMs, at };
    return this.share;
  }
}

function programCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
