import { createRequire } from 'node:module';
import type { Availability } from './candidate.js';

const { resolve } = createRequire(import.meta.url);

/** Whether a package's main file is there. Runs nothing of it. */
export function installed(packageName: string): Availability {
  try {
    resolve(packageName);
    return { usable: true };
  } catch {
    return { usable: false, reason: 'not installed' };
  }
}
