import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Result } from '../operators/result.js';
import type { ExportReport, ModelFormat } from './export-format.js';
import type { ModelFormatName } from './format-names.js';
import { loadModelFormat } from './model-formats.js';
import type { ModelTask } from './model-thread.js';

/** Compiled beside this file; where it is not, things are done here. */
const compiled = fileURLToPath(new URL('./model-thread.js', import.meta.url));

/**
 * A format of the model, written on a thread of its own, which ends with it: HDF5 and the weights of a
 * network take long without a pause.
 */
export async function inThread(name: ModelFormatName, module = compiled): Promise<ModelFormat> {
  if (!existsSync(module)) return await loadModelFormat[name]();
  return {
    ...{ name, of: 'model' },
    async write({ model }, folder) {
      const workerData: ModelTask = { name, model, folder };
      const worker = new Worker(module, { workerData });
      try {
        const [written] = (await once(worker, 'message')) as [Result<ExportReport>];
        return written;
      } finally {
        await worker.terminate();
      }
    },
  };
}
