import { parentPort, workerData } from 'node:worker_threads';
import type { SavedModel } from '../store/model-registry.js';
import type { ModelFormatName } from './format-names.js';
import { loadModelFormat } from './model-formats.js';

/** What a thread is started for: one model, written into one folder. */
export interface ModelTask {
  readonly name: ModelFormatName;
  readonly model: SavedModel | null;
  readonly folder: string;
}

if (parentPort !== null) {
  const { name, model, folder } = workerData as ModelTask;
  const format = await loadModelFormat[name]();
  // What it rejects with ends the thread, and reaches who has started it.
  parentPort.postMessage(await format.write({ model }, folder));
}
