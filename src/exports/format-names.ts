/** What `nerveflow export` writes, in the order in which `all` does. */
export const imageFormats = ['npy', 'coco', 'labelme', 'nifti', 'png', 'dicom-seg'] as const;
/** Of the current model alone. */
export const modelFormats = ['onnx', 'keras', 'tfjs'] as const;

export const formatNames = [...imageFormats, ...modelFormats] as const;

export type FormatName = (typeof formatNames)[number];
export type ModelFormatName = (typeof modelFormats)[number];
