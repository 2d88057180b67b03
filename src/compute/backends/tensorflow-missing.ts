const packageName = '@tensorflow/tfjs-node-gpu';

/** What libtensorflow 2.9 looks for at run time, besides the driver. Without one of them it computes on the processor. */
const cudaLibraries = [
  'libcudart.so.11.0',
  'libcublas.so.11',
  'libcufft.so.10',
  'libcusolver.so.11',
  'libcusparse.so.11',
  'libcudnn.so.8',
];

/** Why @tensorflow/tfjs-node-gpu could not be imported, from what the import threw: one line for people. */
export function whyNotLoaded(message: string): string {
  const library = /(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(message)?.[1];
  if (/tfjs_binding\.node\) can not be found/.test(message)) {
    return (
      `its library was not downloaded or not built; npm rebuild ${packageName} tries again, ` +
      'TFJS_NODE_CDN_STORAGE names a mirror (docs/guides/gpu.md)'
    );
  }
  if (library && /^lib(cu|nccl|nv)/.test(library)) {
    return `${library} is missing: it needs an NVIDIA driver, CUDA 11 and cuDNN 8 (LD_LIBRARY_PATH?)`;
  }
  if (library) return `${library} is missing; npm rebuild ${packageName} downloads it again`;
  if (/GLIBC(XX)?_[\d.]+' not found|GLIBC(XX)?_[\d.]+ not found/.test(message)) {
    return `it needs a newer system: ${firstLine(message)}`;
  }
  return firstLine(message);
}

/** Why libtensorflow loads and yet uses no GPU. */
export function whyNoCudaDevice(
  platform: NodeJS.Platform,
  libraryProblem: (name: string) => string | null,
): string {
  const general = 'loads, but sees no CUDA device';
  if (platform !== 'linux') return general;
  if (libraryProblem('libcuda.so.1')) return `${general}: no NVIDIA driver here (libcuda.so.1)`;
  const missing = cudaLibraries.filter((name) => libraryProblem(name));
  if (missing.length === 0) return general;
  return `${general}: it needs CUDA 11 and cuDNN 8, and does not find ${missing.join(', ')}`;
}

function firstLine(message: string): string {
  return message.trim().split('\n', 1)[0]!.trim();
}
