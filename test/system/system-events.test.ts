import { tmpdir } from 'node:os';
import { BehaviorSubject, firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import type { ComputeHealth } from '../../src/compute/compute.js';
import { systemEvents } from '../../src/system/system-events.js';

it('tells what both processes take, and the room on the disk', async () => {
  const health$ = new BehaviorSubject<ComputeHealth>({
    state: 'memory',
    tensors: 184,
    tensorBytes: 1e6,
    rss: 2e8,
    peakRss: 3e8,
    cpuMs: 100,
  });
  const event = await firstValueFrom(systemEvents(tmpdir(), health$, 1));
  expect(event.program.rss).toBeGreaterThan(1e6);
  expect(event.diskFree).toBeGreaterThan(0);
  expect(event.compute).toEqual({ cpu: null, rss: 2e8, tensors: 184, tensorBytes: 1e6 });
  health$.next({ state: 'restarting', attempt: 1, message: 'it died' });
  const after = await firstValueFrom(systemEvents('/nowhere/at/all', health$, 1));
  expect(after).toMatchObject({ compute: null, diskFree: null });
});
