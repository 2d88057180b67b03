import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ComputeInfo } from '../compute/compute.js';
import type { GpuUse } from '../events.js';

/** How a GPU is asked; null where it says nothing. Never rejects. */
export type ReadGpu = () => Promise<GpuUse | null>;

/** Text of a command or a file; rejects where there is none. */
export interface GpuSources {
  run(command: string, args: readonly string[]): Promise<string>;
  list(folder: string): Promise<readonly string[]>;
  read(path: string): Promise<string>;
}

const system: GpuSources = {
  run: async (command, args) =>
    (await promisify(execFile)(command, [...args], { timeout: 5_000 })).stdout,
  list: readdir,
  read: (path) => readFile(path, 'utf8'),
};

const query = [
  '--query-gpu=name,utilization.gpu,memory.used,memory.total',
  '--format=csv,noheader,nounits',
];

/** Whether what computes is a GPU: the tensorflow backend is one only where it has a CUDA device. */
export function computesOnGpu({
  backend,
  device,
}: Pick<ComputeInfo, 'backend' | 'device'>): boolean {
  return backend === 'webgpu' || (backend === 'tensorflow' && /\bGPU\b/.test(device));
}

/**
 * NVIDIA's by nvidia-smi, AMD's by the kernel's own files; of several the busiest. Where neither
 * says anything, nothing is asked again.
 */
export function gpuReader(sources: GpuSources = system): ReadGpu {
  let isSilent = false;
  return async () => {
    if (isSilent) return null;
    const use =
      (await readNvidia(sources).catch(() => null)) ?? (await readAmd(sources).catch(() => null));
    isSilent = use === null;
    return use;
  };
}

async function readNvidia({ run }: GpuSources): Promise<GpuUse | null> {
  const text = await run('nvidia-smi', query);
  const gpus = text.split('\n').flatMap((line): GpuUse[] => {
    const [name, busy, used, total] = line.split(',').map((field) => field.trim());
    if (!name || used === undefined || total === undefined) return [];
    // Where a card cannot tell, it says so in words.
    return [
      {
        name,
        busy: percent(busy),
        memoryUsed: mebibytes(used),
        memoryTotal: mebibytes(total),
      },
    ];
  });
  return busiest(gpus);
}

async function readAmd({ list, read }: GpuSources): Promise<GpuUse | null> {
  const root = '/sys/class/drm';
  const cards = (await list(root)).filter((name) => /^card\d+$/.test(name));
  const gpus = await Promise.all(
    cards.map(async (card): Promise<GpuUse | null> => {
      const file = (name: string): Promise<string> =>
        read(join(root, card, 'device', name)).catch(() => '');
      const busy = percent(await file('gpu_busy_percent'));
      if (busy === null) return null;
      return {
        name: (await file('product_name')).trim() || 'AMD GPU',
        busy,
        memoryUsed: whole(await file('mem_info_vram_used')),
        memoryTotal: whole(await file('mem_info_vram_total')),
      };
    }),
  );
  return busiest(gpus.filter((gpu) => gpu !== null));
}

function busiest(gpus: readonly GpuUse[]): GpuUse | null {
  return gpus.toSorted((a, b) => (b.busy ?? -1) - (a.busy ?? -1))[0] ?? null;
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : null;
}

function percent(text: string | undefined): number | null {
  const value = whole(text);
  return value === null ? null : value / 100;
}

function mebibytes(text: string): number | null {
  const value = whole(text);
  return value === null ? null : value * 2 ** 20;
}
