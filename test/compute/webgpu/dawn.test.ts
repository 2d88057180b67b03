import { afterEach, describe, expect, it } from 'vitest';
import { type DawnEdges, describeAdapter, findAdapter } from '../../../src/compute/webgpu/dawn.js';

type Info = Partial<GPUAdapterInfo>;

function adapterOf(info: Info): GPUAdapter {
  const blank = { vendor: '', architecture: '', device: '', description: '' };
  return { info: { ...blank, isFallbackAdapter: false, ...info } } as GPUAdapter;
}

/** Dawn on a machine with this adapter, or with none. */
function machine(info: Info | null, edges: Partial<DawnEdges> = {}): DawnEdges {
  return {
    importDawn: async () => ({
      create: () => ({ requestAdapter: async () => info && adapterOf(info) }) as unknown as GPU,
      globals: { GPUBufferUsage: { STORAGE: 128 } },
    }),
    libraryProblem: () => null,
    platform: 'linux',
    ...edges,
  };
}

function navigatorNow(): object | undefined {
  return (globalThis as { navigator?: object }).navigator;
}

const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

afterEach(() => {
  if (navigatorBefore) Object.defineProperty(globalThis, 'navigator', navigatorBefore);
  else Reflect.deleteProperty(globalThis, 'navigator');
});

describe('looking for a GPU', () => {
  it('takes a real one, with navigator.gpu and the constants in place', async () => {
    const found = await findAdapter(false, machine({ device: 'nvidia-h200' }));
    expect(found).toMatchObject({ found: true });
    expect(navigatorNow()).toHaveProperty('gpu');
    expect(GPUBufferUsage.STORAGE).toBe(128);
  });

  it('keeps the navigator that newer versions of Node have', async () => {
    const own = { userAgent: 'Node.js/24' };
    Object.defineProperty(globalThis, 'navigator', { value: own, configurable: true });
    await findAdapter(false, machine({}));
    expect(navigatorNow()).toMatchObject({ userAgent: 'Node.js/24', gpu: expect.anything() });
  });

  it('leaves a software adapter alone unless it was asked for', async () => {
    const software = machine({ isFallbackAdapter: true, description: 'llvmpipe' });
    const refused = await findAdapter(false, software);
    expect(refused).toMatchObject({ found: false });
    expect(refused.found || refused.reason).toMatch(/llvmpipe.*NERVEFLOW_WEBGPU_SOFTWARE=1/);
    expect(await findAdapter(true, software)).toMatchObject({ found: true });
  });

  it.each([
    {
      what: 'the Vulkan loader is missing',
      edges: { libraryProblem: () => 'libvulkan.so.1: cannot open shared object file' },
      reason: /libvulkan\.so\.1 is missing .*apt-get install libvulkan1/,
    },
    { what: 'the loader finds no device', edges: {}, reason: /no Vulkan device.*nvidia_icd\.json/ },
    {
      what: 'another system has no GPU',
      edges: { platform: 'darwin' as const },
      reason: /no GPU that WebGPU reaches/,
    },
    {
      what: 'Dawn does not load',
      edges: { importDawn: () => Promise.reject(new Error('GLIBC_2.34 not found')) },
      reason: /Dawn does not load: GLIBC_2\.34 not found/,
    },
  ])('says it when $what', async ({ edges, reason }) => {
    const found = await findAdapter(false, machine(null, edges));
    expect(found.found || found.reason).toMatch(reason);
  });
});

describe('an adapter', () => {
  it.each([
    [
      { vendor: 'nvidia', device: 'nvidia-h200', description: 'NVIDIA: 550.54.14' },
      'nvidia-h200 (NVIDIA: 550.54.14)',
    ],
    [{ vendor: 'apple', architecture: 'metal-3' }, 'metal-3 (apple)'],
    [{ vendor: 'google', device: 'swiftshader-' }, 'swiftshader (google)'],
    [{}, 'a GPU without a name'],
  ])('is told with its vendor and driver: %o', (info, text) => {
    expect(describeAdapter(adapterOf(info))).toBe(text);
  });
});
