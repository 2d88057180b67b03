import type { Layout } from '../../layout/file-role.js';
import { isSameSize } from '../../operators/image.js';
import { compareDuplicatePaths } from '../../operators/image-name.js';
import type { FileTable } from '../../store/file-table.js';
import { partOf } from '../../store/part-path.js';
import type { FileRecord, SampleRecord } from '../../store/records.js';
import { type ImageItem, type Item, itemAt, itemKey } from './item.js';
import { PathsOfItem } from './paths-of-item.js';

/**
 * Which files are there for a half of a sample. The catalog tells, but for two kinds of files that
 * are kept here: those that it knows from before the start and that nobody has met since, and those
 * whose removal is on its way.
 */
export class FilesThere {
  private readonly unverified: Set<string>;
  private readonly leaving = new Set<string>();
  private readonly paths = new PathsOfItem();

  constructor(
    private readonly files: FileTable,
    private readonly preprocessing: string,
    private readonly layout: Layout,
  ) {
    this.unverified = new Set(files.keys());
    this.trustWinners();
  }

  /** Paths of the files that stand for it; the one that counts is the first. */
  of(item: Item): string[] {
    return this.inOrder(item, (path) => !this.unverified.has(path) && !this.leaving.has(path));
  }

  /** The image that counts for a sample, and what it may be. */
  imageOf({
    split,
    id,
  }: Pick<SampleRecord, 'split' | 'id'>): readonly [string | undefined, ImageItem | null] {
    const splits = this.layout.idsTellAll ? [split] : [split, 'either' as const];
    for (const each of splits) {
      const [path] = this.of({ half: 'image', split: each, id, subject: '' });
      const item = path === undefined ? null : itemAt(this.layout, path);
      if (item?.half === 'image') return [path, item];
    }
    return [undefined, null];
  }

  /** Of the image with an id, where it has been taken in. */
  recordOf(id: string): FileRecord | null {
    for (const split of ['train', 'test'] as const) {
      const [path] = this.imageOf({ split, id });
      const record = path === undefined ? undefined : this.files.get(path);
      if (record !== undefined) return record;
    }
    return null;
  }

  /**
   * The mask, or the file of labels, that was drawn or cut for another image than there is now, and
   * is to be read again. A label may have its size of the image.
   */
  staleMask({ half, id }: Item, image: FileRecord | null): string | null {
    for (const path of this.of({ half: 'mask', id })) {
      const mask = this.files.get(path);
      const { file, part } = partOf(path);
      const isLabel = part !== null && this.layout.roleOf(file).kind === 'labels';
      const isOfSize = image !== null && mask !== undefined && isSameSize(image, mask);
      // One that has just been read tells its own size.
      if (isLabel && half === 'image' && !isOfSize) return file;
      if (JSON.stringify(mask?.cut) !== JSON.stringify(image?.cut)) return file;
    }
    return null;
  }

  /** A file has come, or has been met again. */
  came(path: string, item: Item): void {
    this.unverified.delete(path);
    this.leaving.delete(path);
    this.paths.add(path, item);
  }

  /** A file has gone; that is being written. */
  goes(path: string): void {
    this.unverified.delete(path);
    this.leaving.add(path);
  }

  /** It has been written, or the store has refused to let it go. */
  hasGone(path: string): void {
    this.leaving.delete(path);
    const item = itemAt(this.layout, path);
    if (item !== null && !this.files.has(path)) this.paths.delete(path, item);
  }

  /**
   * Where several files are known to stand for one item, the one that counts is taken as there
   * until it is found gone: else a start would switch to whichever is met first, and back.
   */
  private trustWinners(): void {
    for (const path of this.unverified) {
      const item = itemAt(this.layout, path);
      if (item !== null) this.paths.add(path, item);
    }
    if (!this.paths.maySomeBeDuplicates) return;
    const winners = [...this.unverified].filter((path) => {
      const item = itemAt(this.layout, path);
      const known = item === null ? [] : this.inOrder(item, () => true);
      return known.length > 1 && known[0] === path;
    });
    for (const path of winners) this.unverified.delete(path);
  }

  private inOrder(item: Item, isThere: (path: string) => boolean): string[] {
    const paths = this.paths
      .of(item)
      .filter(
        (path) =>
          this.files.hasPixels(path, this.preprocessing) && isThere(path) && this.isOf(path, item),
      );
    return paths.length < 2 ? paths : paths.sort(compareDuplicatePaths);
  }

  /** In Kaggle's layout a name says it; in others a path may look like one of another item. */
  private isOf(path: string, item: Item): boolean {
    if (this.layout.idsTellAll) return true;
    const own = itemAt(this.layout, path);
    return own !== null && itemKey(own) === itemKey(item);
  }
}
