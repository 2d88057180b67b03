import { imageStem, isJson, isVisible } from './extensions.js';
import type { FileRole, Layout } from './file-role.js';
import { subjectOfName } from './subject-of-name.js';

const maskFolder = /^(masks?|labels?|annotations?|seg|segmentations?|gt|ground[-_ ]?truths?)$/i;
const imageFolder = /^(images?|imgs?)$/i;
/** They part a data set, and name nobody. */
const partFolder = /^(train|training|val|valid|validation|test|testing)([-_ ]?set)?$/i;
const maskEnding = /[-_](mask|seg|segmentation|label|annotation|gt)$/i;

/**
 * Masks lie below a folder called masks, labels or the like, every other image is an image. An image
 * and its mask have one path when such names, and images/, are taken out: that is its id. The folder
 * that is left over is the subject.
 */
export const foldersLayout: Layout = {
  name: 'folders',
  roleOf(path): FileRole {
    if (isJson(path)) return { kind: 'labels' };
    const stem = imageStem(path);
    if (stem === null || !isVisible(stem)) return { kind: 'foreign' };
    const folders = stem.split('/');
    const name = folders.pop()!;
    const isMask = folders.some((folder) => maskFolder.test(folder));
    const others = folders.filter(
      (folder) => !maskFolder.test(folder) && !imageFolder.test(folder),
    );
    if (isMask) return { kind: 'mask', id: [...others, name.replace(maskEnding, '')].join('/') };
    const subject = others.filter((folder) => !partFolder.test(folder)).at(-1);
    const id = [...others, name].join('/');
    return { kind: 'image', split: 'either', id, subject: subject ?? subjectOfName(name) };
  },
  mayHold: isVisible,
};

/** `X.png` with `X_mask.png`, `X_seg`, `X_label` or `X_Annotation` beside it, in any folder. */
export const pairsLayout: Layout = {
  name: 'pairs',
  roleOf(path): FileRole {
    if (isJson(path)) return { kind: 'labels' };
    const stem = imageStem(path);
    if (stem === null || !isVisible(stem)) return { kind: 'foreign' };
    if (maskEnding.test(stem)) return { kind: 'mask', id: stem.replace(maskEnding, '') };
    const folders = stem.split('/');
    const name = folders.pop()!;
    const subject = folders.filter((folder) => !partFolder.test(folder)).at(-1);
    return { kind: 'image', split: 'either', id: stem, subject: subject ?? subjectOfName(name) };
  },
  mayHold: isVisible,
};
