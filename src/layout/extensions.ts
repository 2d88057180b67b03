/** Endings of files that may be images or masks. */
const imageEnding = /\.(tiff?|png|jpe?g|dcm|dicom|nii(\.gz)?|nrrd|mha)$/i;

/** A path without its ending; null where that is none of an image's, or the file is hidden. */
export function imageStem(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.startsWith('.')) return null;
  const ending = imageEnding.exec(path)?.[0];
  return ending === undefined || ending.length === name.length
    ? null
    : path.slice(0, -ending.length);
}

export function isJson(path: string): boolean {
  return /\.json$/i.test(path) && !path.slice(path.lastIndexOf('/') + 1).startsWith('.');
}

/** Nothing is looked for in hidden folders. */
export function isVisible(folder: string): boolean {
  return !folder.split('/').some((name) => name.startsWith('.'));
}
