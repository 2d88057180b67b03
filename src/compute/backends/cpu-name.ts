import { cpus } from 'node:os';

/** For people, e.g. `AMD EPYC 9B14`. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() || process.arch;
}
