import { setFlagsFromString } from 'node:v8';

/**
 * Has garbage collected before there is much of it. What lives here is small and hardly grows with
 * the folder; left alone, V8 lets garbage many times as large pile up, in proportion to how much
 * goes through. Measured: no more processor time, and half the memory.
 */
export function collectGarbageOften(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
}
