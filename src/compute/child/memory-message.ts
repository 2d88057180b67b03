import { memory } from '@tensorflow/tfjs-core';
import { residentMemory } from '../../system/resident-memory.js';
import type { FromCompute } from '../protocol.js';

/** What this process and its device hold now. */
export function memoryMessage(): FromCompute {
  const { numTensors, numBytes } = memory();
  const { user, system } = process.cpuUsage();
  return {
    type: 'memory',
    tensors: numTensors,
    tensorBytes: numBytes,
    rss: residentMemory(),
    cpuMs: (user + system) / 1000,
    peakRss: process.resourceUsage().maxRSS * 1024,
  };
}
