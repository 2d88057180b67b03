import type { Split } from '../../events.js';
import type { Layout } from '../../layout/file-role.js';
import { partOf } from '../../store/part-path.js';
import { sampleKey } from '../../store/records.js';

/** What a file, or a part of one, stands for: one half of a sample. */
export type Item = ImageItem | MaskItem;

export interface ImageItem {
  readonly half: 'image';
  /** `either`: to train on where there is a mask, else to be predicted. */
  readonly split: Split | 'either';
  readonly id: string;
  readonly subject: string;
}

export interface MaskItem {
  readonly half: 'mask';
  /** Its image's. */
  readonly id: string;
}

/** Null of a path that is not ours, and of a file that holds the labels of many images. */
export function itemAt(layout: Layout, path: string): Item | null {
  const { file, part } = partOf(path);
  const role = layout.roleOf(file);
  const idOf = (id: string) => (part === null ? id : `${id}#${part}`);
  switch (role.kind) {
    case 'image':
      return { half: 'image', split: role.split, id: idOf(role.id), subject: role.subject };
    case 'mask':
      return { half: 'mask', id: idOf(role.id) };
    case 'labels':
      return part === null ? null : { half: 'mask', id: part };
    case 'foreign':
      return null;
  }
}

/** The keys of all samples that an item may be a half of. */
export function samplesOf(item: Item, layout: Layout): string[] {
  const { id } = item;
  // Its masks are of images to train on, whatever there is.
  if (item.half === 'mask' && layout.idsTellAll) return [sampleKey({ split: 'train', id })];
  if (item.half === 'image' && item.split !== 'either')
    return [sampleKey({ split: item.split, id })];
  return [sampleKey({ split: 'train', id }), sampleKey({ split: 'test', id })];
}

/** One text for all paths that stand for the same: `image train/7_1`, `mask 7_1`. */
export function itemKey(item: Item): string {
  return item.half === 'mask' ? `mask ${item.id}` : `image ${item.split}/${item.id}`;
}
