import { tmpdir } from 'node:os';
import { filter, firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { computesOnGpu, type GpuSources, gpuReader } from '../../src/system/gpu-use.js';
import { systemEvents } from '../../src/system/system-events.js';

const nothing: GpuSources = {
  run: () => Promise.reject(new Error('ENOENT')),
  list: () => Promise.reject(new Error('ENOENT')),
  read: () => Promise.reject(new Error('ENOENT')),
};

const smi = (text: string): GpuSources => ({ ...nothing, run: async () => text });

describe('what a GPU does', () => {
  it('is asked of nvidia-smi; of several cards the busiest counts', async () => {
    const text = 'NVIDIA H100 80GB HBM3, 7, 612, 81559\nNVIDIA H100 80GB HBM3, 93, 2048, 81559\n';
    expect(await gpuReader(smi(text))()).toEqual({
      name: 'NVIDIA H100 80GB HBM3',
      busy: 0.93,
      memoryUsed: 2 ** 31,
      memoryTotal: 81559 * 2 ** 20,
    });
  });

  it('what a card cannot tell is not made up', async () => {
    expect(await gpuReader(smi('GeForce GT 710, [N/A], 100, [N/A]\n'))()).toEqual({
      name: 'GeForce GT 710',
      busy: null,
      memoryUsed: 100 * 2 ** 20,
      memoryTotal: null,
    });
  });

  it("else of the kernel's files, where a card has them", async () => {
    const files: Record<string, string> = {
      '/sys/class/drm/card1/device/gpu_busy_percent': '42\n',
      '/sys/class/drm/card1/device/mem_info_vram_used': '1073741824\n',
      '/sys/class/drm/card1/device/mem_info_vram_total': '17163091968\n',
    };
    const amd: GpuSources = {
      ...nothing,
      list: async () => ['card0', 'card1', 'card1-DP-1', 'renderD128', 'version'],
      read: async (path) => files[path] ?? Promise.reject(new Error('ENOENT')),
    };
    expect(await gpuReader(amd)()).toEqual({
      name: 'AMD GPU',
      busy: 0.42,
      memoryUsed: 2 ** 30,
      memoryTotal: 17163091968,
    });
  });

  it('where neither is there, nothing is asked twice', async () => {
    let asked = 0;
    const read = gpuReader({
      ...nothing,
      run: () => {
        asked++;
        return Promise.reject(new Error('ENOENT'));
      },
    });
    expect(await read()).toBeNull();
    expect(await read()).toBeNull();
    expect(asked).toBe(1);
  });

  it('is told with the rest of what the program costs, only where it is known', async () => {
    const use = { name: 'a card', busy: 0.5, memoryUsed: 1, memoryTotal: 2 };
    const events = systemEvents(tmpdir(), NEVER, 1, async () => use);
    const told = await firstValueFrom(events.pipe(filter(({ gpu }) => gpu !== undefined)));
    expect(told.gpu).toEqual(use);
    const silent = await firstValueFrom(systemEvents(tmpdir(), NEVER, 1, async () => null));
    expect('gpu' in silent).toBe(false);
  });

  it('is of interest only where a GPU computes', () => {
    expect(computesOnGpu({ backend: 'webgpu', device: 'NVIDIA H100' })).toBe(true);
    expect(computesOnGpu({ backend: 'tensorflow', device: 'CUDA GPU' })).toBe(true);
    expect(computesOnGpu({ backend: 'tensorflow', device: 'AMD EPYC, libtensorflow' })).toBe(false);
    expect(computesOnGpu({ backend: 'onednn', device: 'AMD EPYC' })).toBe(false);
  });
});
