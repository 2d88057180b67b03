import type { ModelFormat } from './export-format.js';
import type { ModelFormatName } from './format-names.js';

/** Each is loaded when it is asked for. */
export const loadModelFormat: Readonly<Record<ModelFormatName, () => Promise<ModelFormat>>> = {
  onnx: async () => (await import('./onnx.js')).onnx,
  keras: async () => (await import('./keras.js')).keras,
  tfjs: async () => (await import('./tfjs.js')).tfjs,
};
