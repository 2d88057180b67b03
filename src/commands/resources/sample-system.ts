import type { Compute, ComputeInfo } from '../../compute/compute.js';
import { computesOnGpu, gpuReader } from '../../system/gpu-use.js';
import { systemEvents } from '../../system/system-events.js';
import type { EventStream } from './event-stream.js';

/** Tells now and then what the program costs the machine, and how the GPU fares that computes. */
export function sampleSystem(
  { emit }: EventStream,
  folder: string,
  { health$ }: Compute,
  info: ComputeInfo | null,
): Disposable {
  const readGpu = info !== null && computesOnGpu(info) ? gpuReader() : undefined;
  const subscription = systemEvents(folder, health$, undefined, readGpu).subscribe(emit);
  return { [Symbol.dispose]: () => subscription.unsubscribe() };
}
