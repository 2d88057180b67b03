/**
 * What a file under raw/ is, by its name alone, as in Kaggle's data set: `train/S_N.tif` and
 * `train/S_N_mask.tif` (image N of subject S), `test/N.tif`.
 */
export type ImageName =
  | {
      readonly kind: 'train-image';
      readonly subject: number;
      readonly index: number;
      /** `S_N`, without leading zeros. */
      readonly id: string;
    }
  | {
      readonly kind: 'train-mask';
      readonly subject: number;
      readonly index: number;
      /** Its image's: `S_N`. */
      readonly id: string;
    }
  | {
      readonly kind: 'test-image';
      readonly number: number;
      /** `N`, without leading zeros. */
      readonly id: string;
    }
  /** Not ours: to be ignored and counted, not failed. */
  | { readonly kind: 'foreign' };

/** In order of preference where several files stand for one item. */
const extensions: readonly string[] = [
  ...['tif', 'tiff', 'png', 'jpg', 'jpeg'],
  ...['dcm', 'dicom', 'nii', 'nii.gz', 'nrrd', 'mha'],
];

const ending = `(\\.(${extensions.join('|').replace('.', '\\.')}))`;
/** Without an ending it may be a scanner's DICOM file: its bytes tell. */
const trainPattern = new RegExp(`^(\\d{1,15})_(\\d{1,15})(?:(_mask)?${ending}|)$`, 'i');
const testPattern = new RegExp(`^(\\d{1,15})${ending}?$`, 'i');

const foreign: ImageName = { kind: 'foreign' };

/**
 * Reads a path relative to raw/, with forward slashes: a backslash is a letter like any other where
 * files can have one in their names. Everything that is not exactly of the form above is foreign:
 * other folders (nested ones too), hidden and temporary files, other extensions. Extensions and
 * `_mask` may be in capitals; the folders may not.
 *
 * Numbers may be zero-padded (`007.tif`); the id never is. So several paths can have one id
 * (`7.tif`, `007.tif`, `7.png`): the caller takes the first by `compareDuplicatePaths`.
 */
export function parseImageName(relativePath: string): ImageName {
  const [folder, file, ...deeper] = relativePath.split('/');
  if (file === undefined || deeper.length > 0) return foreign;
  if (folder === 'train') {
    const match = trainPattern.exec(file);
    if (match === null) return foreign;
    const subject = Number(match[1]);
    const index = Number(match[2]);
    const kind = match[3] === undefined ? 'train-image' : 'train-mask';
    return { kind, subject, index, id: `${subject}_${index}` };
  }
  if (folder === 'test') {
    const match = testPattern.exec(file);
    if (match === null) return foreign;
    const number = Number(match[1]);
    return { kind: 'test-image', number, id: `${number}` };
  }
  return foreign;
}

/**
 * Orders paths that stand for the same item; the first is the one to use, whatever the order in
 * which the files were found: shortest stem (no padding), then TIFF before PNG before JPEG, then
 * by code units (`1.TIF` before `1.tif`).
 */
export function compareDuplicatePaths(a: string, b: string): number {
  return (
    // A mask of its own counts over one out of a file of many.
    +a.includes('//') - +b.includes('//') ||
    stemLength(a) - stemLength(b) ||
    extensionRank(a) - extensionRank(b) ||
    (a < b ? -1 : +(a > b))
  );
}

function stemLength(path: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes('.') ? name.lastIndexOf('.') : name.length;
}

function extensionRank(path: string): number {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const rank = extensions.indexOf(extension);
  return rank === -1 ? extensions.length : rank;
}
