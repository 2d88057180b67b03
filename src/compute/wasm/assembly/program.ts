import { get, set, v128 } from '../../../assembly/code.js';
import { ModuleBuilder } from '../../../assembly/module.js';
import { webAssembly } from '../../../assembly/web-assembly.js';
import { adam } from './adam.js';
import { convolve, convolveRow } from './convolve.js';
import { correlate } from './correlate.js';
import { correlateTile } from './correlate-tile.js';
import { maxPoolGrad } from './max-pool-grad.js';
import { pack } from './pack.js';
import { pad } from './pad.js';
import { rows } from './rows.js';
import { multiplyThenAdd } from './tile.js';
import { winograd } from './winograd.js';
import { winogradGradient } from './winograd-gradient.js';

/** Relaxed SIMD has fused multiply-add; V8 has relaxed SIMD from Node 22 on. */
function hasRelaxedSimd(): boolean {
  const m = new ModuleBuilder();
  m.function('probe', [] as const, (_, f) => {
    const v = f.local('v128');
    return set(v, v128.relaxedMadd(get(v), get(v), get(v)));
  });
  return webAssembly.validate(m.encoded(false));
}

/** The WebAssembly module of all kernels, as bytes, over a memory that is shared or is not. */
export function assembleProgram(sharedMemory: boolean): Uint8Array<ArrayBuffer> {
  const madd = hasRelaxedSimd() ? v128.relaxedMadd : multiplyThenAdd;
  const m = new ModuleBuilder();
  const padding = pad(m);
  pack(m);
  const row = convolveRow(m, madd);
  convolve(m, padding, row);
  winograd(m, padding, row);
  const tile = correlateTile(m, madd);
  correlate(m, padding, tile);
  winogradGradient(m, padding, tile);
  rows(m);
  maxPoolGrad(m);
  adam(m);
  return m.encoded(sharedMemory);
}
