import { type Item, itemKey } from './item.js';

/**
 * Which paths may stand for an item: `7.tif`, `7.png` and `007.tif` are all image 7. Nothing is
 * kept of a path that is called as in Kaggle's set and so can be told from its item; which of those
 * exist, and are of that item, is for the caller to look up.
 */
export class PathsOfItem {
  /** Endings that have been met, as in `7.tif`. */
  private readonly endings = new Set<string>();
  /** All others, by their item: other layouts, zero-padded, or partly in capitals. */
  private readonly unusual = new Map<string, string | Set<string>>();
  private duplicates = 0;

  /** Whether a second path for one item has been possible so far. */
  get maySomeBeDuplicates(): boolean {
    return this.endings.size > 1 || this.duplicates > 0;
  }

  add(path: string, item: Item): void {
    const stem = usualStem(item);
    const ending = path.slice(stem.length);
    if (path.startsWith(stem) && /^\.[a-z]+$/.test(ending)) {
      this.endings.add(ending);
      return;
    }
    const key = itemKey(item);
    const others = this.unusual.get(key);
    if (others === path) return;
    // Beside it may be one that is called as usual.
    this.duplicates += this.endings.size > 0 || others !== undefined ? 1 : 0;
    if (others === undefined) this.unusual.set(key, path);
    else if (typeof others === 'string') this.unusual.set(key, new Set([others, path]));
    else others.add(path);
  }

  /** One that is not there any more. */
  delete(path: string, item: Item): void {
    const key = itemKey(item);
    const others = this.unusual.get(key);
    if (others === path) this.unusual.delete(key);
    else if (others instanceof Set) others.delete(path);
  }

  /** Paths that may stand for the same as `item`, in no order. */
  of(item: Item): string[] {
    const stem = usualStem(item);
    const others = this.unusual.get(itemKey(item)) ?? [];
    return [
      ...Array.from(this.endings, (ending) => stem + ending),
      ...(typeof others === 'string' ? [others] : others),
    ];
  }
}

/** As Kaggle calls most files, without the ending. */
function usualStem(item: Item): string {
  if (item.half === 'mask') return `train/${item.id}_mask`;
  return item.split === 'test' ? `test/${item.id}` : `train/${item.id}`;
}
