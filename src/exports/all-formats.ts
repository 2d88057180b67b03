import type { ExportFormat } from './export-format.js';
import type { FormatName } from './format-names.js';
import { inThread } from './in-thread.js';

/** Each is loaded when it is asked for. */
export const loadFormat: Readonly<Record<FormatName, () => Promise<ExportFormat>>> = {
  npy: async () => (await import('./npy.js')).npy,
  coco: async () => (await import('./coco.js')).coco,
  labelme: async () => (await import('./labelme.js')).labelme,
  nifti: async () => (await import('./nifti.js')).nifti,
  png: async () => (await import('./png.js')).png,
  'dicom-seg': async () => (await import('./dicom-seg.js')).dicomSeg,
  onnx: () => inThread('onnx'),
  keras: () => inThread('keras'),
  tfjs: () => inThread('tfjs'),
};
