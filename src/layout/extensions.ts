/** Endings of files that may be images or masks. */
const imageEnding = /\.(tiff?|png|jpe?g|dcm|dicom|nii(\.gz)?|nrrd|mha)$/i;

/** As scanners call DICOM files: `IM0001`, `US.1.2.840.113619.2`. README and LICENSE have no digits. */
const scannerName = /^([\w-]*\d[\w-]*|([A-Z]{2}\.)?\d+(\.\d+)+)$/;

/**
 * A path without its ending; null where that is none of an image's, or the file is hidden. A name
 * without an ending may be a scanner's.
 */
export function imageStem(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.startsWith('.')) return null;
  if (scannerName.test(name)) return path;
  const ending = imageEnding.exec(path)?.[0];
  return ending === undefined || ending.length === name.length
    ? null
    : path.slice(0, -ending.length);
}

/** Whether only its bytes tell that it is an image: if not, it is none of ours. */
export function mayBeNoImage(path: string): boolean {
  return scannerName.test(path.slice(path.lastIndexOf('/') + 1));
}

export function isJson(path: string): boolean {
  return /\.json$/i.test(path) && !path.slice(path.lastIndexOf('/') + 1).startsWith('.');
}

/** Nothing is looked for in hidden folders. */
export function isVisible(folder: string): boolean {
  return !folder.split('/').some((name) => name.startsWith('.'));
}
