import type { BackendName } from '../events.js';
import type { Rung, RungName } from './rung.js';
import { cpuRung } from './rungs/cpu.js';
import { onednnRung } from './rungs/onednn.js';
import { tensorflowCpuRung, tensorflowGpuRung } from './rungs/tensorflow.js';
import { wasmRung } from './rungs/wasm.js';
import { webgpuRung } from './rungs/webgpu.js';

/** Best first: the first usable one is taken. */
export const ladder: readonly Rung[] = [
  tensorflowGpuRung,
  webgpuRung,
  onednnRung,
  tensorflowCpuRung,
  wasmRung,
  cpuRung,
];

/** The rungs that `--backend` leaves: all, or those of one name. */
export function rungsFor(
  backend: 'auto' | BackendName,
  rungs: readonly Rung[] = ladder,
): readonly Rung[] {
  return backend === 'auto' ? rungs : rungs.filter((rung) => rung.backend === backend);
}

export function rungNamed(name: RungName): Rung {
  return ladder.find((rung) => rung.name === name)!;
}
