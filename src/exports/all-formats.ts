import type { ExportFormat } from './export-format.js';
import type { FormatName } from './format-names.js';

/** Each is loaded when it is asked for. */
export const loadFormat: Readonly<Record<FormatName, () => Promise<ExportFormat>>> = {
  npy: async () => (await import('./npy.js')).npy,
};
