import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { libraryProblem } from '../backends/shared-library.js';

/// <reference types="@webgpu/types" />

/** A GPU that WebGPU reaches, or why there is none: for people. */
export type FoundAdapter =
  | { readonly found: true; readonly adapter: GPUAdapter }
  | { readonly found: false; readonly reason: string };

export interface Dawn {
  create(flags: string[]): GPU;
  readonly globals: object;
}

/** What tests replace. */
export interface DawnEdges {
  importDawn(): Promise<Dawn>;
  /** What the system's loader says against a shared library; null where it loads. */
  libraryProblem(name: string): string | null;
  readonly platform: NodeJS.Platform;
}

const packageName = 'webgpu';

const realEdges: DawnEdges = {
  // The name as a value: an optional dependency need not be there to compile.
  importDawn: () => import(packageName as string) as Promise<Dawn>,
  libraryProblem,
  platform: process.platform,
};

/**
 * Puts `navigator.gpu` and WebGPU's constants in place, which TensorFlow.js' backend looks for while
 * it is being imported, and asks for the fastest adapter.
 *
 * @param allowSoftware also takes an adapter that computes on the processor (a fallback adapter, in
 *   WebGPU's words): many times slower than any other backend, and only good for tests
 */
export async function findAdapter(
  allowSoftware: boolean,
  edges: DawnEdges = realEdges,
): Promise<FoundAdapter> {
  if (allowSoftware) installSoftwareDriver();
  const dawn = await edges
    .importDawn()
    .catch((error: Error) => `Dawn does not load: ${error.message}`);
  if (typeof dawn === 'string') return none(dawn);
  const gpu = provideGpu(dawn);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return none(whyNoAdapter(edges));
  if (adapter.info.isFallbackAdapter && !allowSoftware) {
    return none(
      `only a software adapter (${describeAdapter(adapter)}), slower than every backend tried after it; ` +
        'NERVEFLOW_WEBGPU_SOFTWARE=1 takes it for a test',
    );
  }
  return { found: true, adapter };
}

/** For people: the device, and in brackets its vendor and driver, as far as the driver tells them. */
export function describeAdapter({ info }: GPUAdapter): string {
  const { vendor, architecture, device, description } = info;
  const names = [device, architecture, vendor].map((name) => name.replace(/-+$/, ''));
  const model = names.find((name) => name !== '') ?? 'a GPU without a name';
  const isNamed = model.toLowerCase().includes(vendor.toLowerCase());
  const details = [isNamed ? '' : vendor, description].filter((detail) => detail !== '');
  return details.length === 0 ? model : `${model} (${details.join(', ')})`;
}

function none(reason: string): FoundAdapter {
  return { found: false, reason };
}

function provideGpu({ create, globals }: Dawn): GPU {
  const gpu = create([]);
  Object.assign(globalThis, globals);
  // Node 20 has no navigator; from 21 on it is there, without a gpu.
  const place = globalThis as { navigator?: object };
  place.navigator ??= {};
  Object.defineProperty(place.navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

const vulkanLoader = 'libvulkan.so.1';

function whyNoAdapter({ platform, libraryProblem }: DawnEdges): string {
  if (platform !== 'linux') return "no GPU that WebGPU reaches; is the GPU's driver installed?";
  const problem = libraryProblem(vulkanLoader);
  if (problem) {
    return `the Vulkan loader ${vulkanLoader} is missing (Debian, Ubuntu: apt-get install libvulkan1)`;
  }
  return (
    'no Vulkan device; is there a GPU, and does its driver bring Vulkan ' +
    '(NVIDIA: nvidia_icd.json under /usr/share/vulkan/icd.d or /etc/vulkan/icd.d)?'
  );
}

/** Where `scripts/software-gpu.mjs` puts a Vulkan loader and SwiftShader, Vulkan on the processor. */
const softwareDriverFolder = fileURLToPath(
  new URL('../../../node_modules/.cache/nerveflow-software-gpu', import.meta.url),
);

/** glibc's flag for a library that stays loaded although Node closes it again. */
const keepLoaded = 0x1000;

/**
 * Makes Dawn find that driver, and only that, where it has been fetched and nothing else was asked
 * for. Must run before Dawn is asked for an adapter.
 */
function installSoftwareDriver(folder: string = softwareDriverFolder): void {
  const driver = join(folder, 'vk_swiftshader_icd.json');
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES || !existsSync(driver)) return;
  process.env.VK_ICD_FILENAMES = driver;
  try {
    // Dawn asks for the library by its plain name, and gets the one that is there already. The
    // search path can't be changed any more in a running process.
    process.dlopen(
      { exports: {} },
      join(folder, 'libvulkan.so.1'),
      constants.dlopen.RTLD_NOW | keepLoaded,
    );
  } catch {
    // Always: it is no Node module. Whether it was loaded shows when Dawn looks for it.
  }
}
