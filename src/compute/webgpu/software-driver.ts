import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `scripts/software-gpu.mjs` puts a Vulkan loader and SwiftShader, Vulkan on the processor. */
export const softwareDriverFolder = fileURLToPath(
  new URL('../../../node_modules/.cache/nerveflow-software-gpu', import.meta.url),
);

/** glibc's flag for a library that stays loaded although Node closes it again. */
const keepLoaded = 0x1000;

/**
 * Makes Dawn find that driver, and only that, where it has been fetched and nothing else was asked
 * for. Must run before Dawn is asked for an adapter.
 */
export function installSoftwareDriver(folder: string = softwareDriverFolder): void {
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
