import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, replaceFile } from './whole-folder.js';

const timingSchema = z.object({
  rung: z.string(),
  device: z.string(),
  version: z.string(),
  /** Median time of one training step. */
  stepMs: z.number().positive(),
});
const timingsSchema = z.object({
  /** What was measured on: all timings are worthless where it differs. */
  machine: z.string(),
  /** By network, e.g. `fast 64x80`: a backend may be the fastest for one and not for another. */
  networks: z.record(z.string(), z.array(timingSchema)),
});

export type BackendTiming = z.infer<typeof timingSchema>;
export type BackendTimings = z.infer<typeof timingsSchema>;

/** What `doctor --bench` measured, or null where there is nothing that can be read. */
export async function readBackendTimings(storeRoot: string): Promise<BackendTimings | null> {
  const read = await readJson(pathIn(storeRoot), timingsSchema);
  return read.status === 'found' ? read.value : null;
}

/** Adds one network's timings to those of the same machine; those of another one go. */
export async function saveBackendTimings(
  storeRoot: string,
  machine: string,
  network: string,
  timings: readonly BackendTiming[],
): Promise<void> {
  const before = await readBackendTimings(storeRoot);
  const networks = before?.machine === machine ? before.networks : {};
  await mkdir(storeRoot, { recursive: true });
  const after: BackendTimings = { machine, networks: { ...networks, [network]: [...timings] } };
  await replaceFile(pathIn(storeRoot), `${JSON.stringify(after, null, 2)}\n`);
}

function pathIn(storeRoot: string): string {
  return join(storeRoot, 'backends.json');
}
