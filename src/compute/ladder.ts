import type { BackendName } from '../events.js';
import type { Rung, RungName } from './rung.js';
import { cpuRung } from './rungs/cpu.js';
import { onednnRung } from './rungs/onednn.js';
import { tensorflowRungs } from './rungs/tensorflow.js';
import { wasmRung } from './rungs/wasm.js';
import { webgpuRung } from './rungs/webgpu.js';

const tensorflow = tensorflowRungs();

/** Best first: the first usable one is taken. */
export const ladder: readonly Rung[] = [
  tensorflow.gpu,
  webgpuRung,
  onednnRung,
  tensorflow.cpu,
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
