import { parseImageName } from '../operators/image-name.js';
import type { FileRole, Layout } from './file-role.js';

const labelFiles = new Set(['train_masks.csv', 'train/train_masks.csv']);

/** Kaggle's: `train/S_N.tif` (image N of subject S), `train/S_N_mask.tif`, `test/N.tif`. */
export const kaggleLayout: Layout = {
  name: 'kaggle',
  idsTellAll: true,
  roleOf(path): FileRole {
    if (labelFiles.has(path)) return { kind: 'labels' };
    const name = parseImageName(path);
    switch (name.kind) {
      case 'train-image':
        return { kind: 'image', split: 'train', id: name.id, subject: String(name.subject) };
      case 'train-mask':
        return { kind: 'mask', id: name.id };
      case 'test-image':
        return { kind: 'image', split: 'test', id: name.id, subject: name.id };
      case 'foreign':
        return { kind: 'foreign' };
    }
  },
  mayHold: (folder) => folder === '' || folder === 'train' || folder === 'test',
};
