import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backendCandidates } from '../../../src/compute/backends/candidates.js';
import { machineName } from '../../../src/compute/backends/machine-name.js';
import { networkName, orderByTimings } from '../../../src/compute/backends/order-by-timings.js';
import { readBackendTimings, saveBackendTimings } from '../../../src/store/backend-timings.js';

const settings = { threads: 2, precision: 'float32' } as const;
const machine = machineName('1.0.0', settings, backendCandidates);
const small = networkName('fast', { height: 64, width: 80 });
const names = backendCandidates.map(({ name }) => name);

const timing = (rung: string, stepMs: number) => ({ rung, stepMs, device: 'd', version: 'v' });
const inNewStore = () => mkdtemp(join(tmpdir(), 'nerveflow-test-'));

async function orderIn(store: string, on = machine, network = small): Promise<string[]> {
  const timings = await readBackendTimings(store);
  return orderByTimings(backendCandidates, timings, on, network).map(({ name }) => name);
}

describe('the candidates by measurement', () => {
  it('begins with what was fastest for this network, then goes on as it is', async () => {
    const store = await inNewStore();
    await saveBackendTimings(store, machine, small, [timing('onednn', 200), timing('wasm', 150)]);
    const rest = names.filter((name) => name !== 'wasm' && name !== 'onednn');
    expect(await orderIn(store)).toEqual(['wasm', 'onednn', ...rest]);
  });

  it('leaves the order as it is for a network that was not timed', async () => {
    const store = await inNewStore();
    await saveBackendTimings(store, machine, small, [timing('wasm', 150)]);
    const large = networkName('fast', { height: 256, width: 320 });
    expect(await orderIn(store, machine, large)).toEqual(names);
    expect(
      await orderIn(store, machine, networkName('default', { height: 64, width: 80 })),
    ).toEqual(names);
  });

  it('forgets everything when program, threads or precision changed', async () => {
    const store = await inNewStore();
    await saveBackendTimings(store, machine, small, [timing('wasm', 150)]);
    for (const other of [
      machineName('1.0.1', settings, backendCandidates),
      machineName('1.0.0', { ...settings, threads: 3 }, backendCandidates),
      machineName('1.0.0', { ...settings, precision: 'bf16' }, backendCandidates),
      machineName('1.0.0', settings, backendCandidates.slice(3)),
    ]) {
      expect(await orderIn(store, other)).toEqual(names);
    }
    await saveBackendTimings(store, 'another machine', 'x', [timing('cpu', 1)]);
    expect(await orderIn(store)).toEqual(names);
  });

  it('keeps the timings of several networks', async () => {
    const store = await inNewStore();
    await saveBackendTimings(store, machine, small, [timing('wasm', 150)]);
    await saveBackendTimings(store, machine, 'default 64x80', [timing('cpu', 1)]);
    expect((await orderIn(store))[0]).toBe('wasm');
    expect((await orderIn(store, machine, 'default 64x80'))[0]).toBe('cpu');
  });

  it('takes a file that is damaged for none', async () => {
    const store = await inNewStore();
    await writeFile(join(store, 'backends.json'), '{"machine": 3');
    expect(await orderIn(store)).toEqual(names);
    expect(await orderIn(join(store, 'not there'))).toEqual(names);
  });

  it('knows a candidate that no version has any more only as missing', async () => {
    const store = await inNewStore();
    await saveBackendTimings(store, machine, small, [timing('metal', 1), timing('wasm', 150)]);
    expect((await orderIn(store))[0]).toBe('wasm');
  });
});
