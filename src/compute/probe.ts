import { availableParallelism } from 'node:os';
import type { BackendName } from '../events.js';
import { type StartChild, startChild } from './child.js';
import { attempt } from './climb.js';
import { ladder } from './ladder.js';
import type { Rung, RungName, RungSettings } from './rung.js';

export type RungReport =
  | {
      readonly rung: RungName;
      readonly backend: BackendName;
      readonly usable: true;
      readonly device: string;
      readonly threads: number;
      readonly version: string;
    }
  | {
      readonly rung: RungName;
      readonly backend: BackendName;
      readonly usable: false;
      readonly reason: string;
    };

/** Every rung of the ladder, tried for real, each in a process of its own. For `doctor`. */
export async function probeLadder(
  settings: RungSettings = { threads: availableParallelism(), precision: 'float32' },
  rungs: readonly Rung[] = ladder,
  start: StartChild = startChild,
): Promise<RungReport[]> {
  const reports: RungReport[] = [];
  // One after the other: two at once would fight for the cores and the GPU.
  for (const rung of rungs) {
    const result = await attempt(rung, settings, start);
    const name = { rung: rung.name, backend: rung.backend };
    if (result.usable) {
      result.child.kill();
      await result.child.exited;
      const { device, threads } = result.info;
      reports.push({ ...name, usable: true, device, threads, version: result.version });
    } else {
      reports.push({ ...name, usable: false, reason: result.reason });
    }
  }
  return reports;
}
