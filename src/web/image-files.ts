import type { Layout } from '../layout/file-role.js';
import type { Catalog } from '../store/catalog.js';
import type { FileRecord } from '../store/records.js';
import { itemAt, samplesOf } from '../streams/intake/item.js';

type Paths = Map<string, readonly string[]>;

/** Which files under raw/ are of an image or its mask, by the key of the sample; kept as files change. */
export class ImageFiles {
  private readonly images: Paths = new Map();
  private readonly masks: Paths = new Map();

  /** @param changed is told the key of each sample whose files have changed */
  constructor(
    private readonly catalog: Pick<Catalog, 'files' | 'samples'>,
    private readonly layout: Layout,
    private readonly changed: (key: string) => void,
  ) {}

  /** All files there are, and from now on those that change. */
  *begin(): Generator<void, void> {
    const { files } = this.catalog;
    files.watch((path) => this.take(path));
    for (const path of files.keys()) {
      this.take(path);
      yield;
    }
  }

  /** Undefined where no file is known that holds this. */
  imageOf(key: string, sha256: string): FileRecord | undefined {
    return this.find(this.images, key, sha256);
  }

  maskOf(key: string, sha256: string): FileRecord | undefined {
    return this.find(this.masks, key, sha256);
  }

  /** The key of the sample that a file or a part is the image of. */
  keyAt(path: string): string | undefined {
    const item = itemAt(this.layout, path);
    if (item?.half !== 'image') return undefined;
    return samplesOf(item, this.layout).find((key) => this.catalog.samples.has(key));
  }

  private find(paths: Paths, key: string, sha256: string): FileRecord | undefined {
    for (const path of paths.get(key) ?? []) {
      const record = this.catalog.files.get(path);
      if (record?.sha256 === sha256) return record;
    }
    return undefined;
  }

  private take(path: string): void {
    const item = itemAt(this.layout, path);
    if (item === null) return;
    const paths = item.half === 'image' ? this.images : this.masks;
    const isThere = this.catalog.files.has(path);
    for (const key of samplesOf(item, this.layout)) {
      const others = (paths.get(key) ?? []).filter((other) => other !== path);
      const now = isThere ? [...others, path] : others;
      if (now.length > 0) paths.set(key, now);
      else paths.delete(key);
      this.changed(key);
    }
  }
}
