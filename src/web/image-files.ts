import type { Layout } from '../layout/file-role.js';
import type { Catalog } from '../store/catalog.js';
import { kindOf } from '../store/pixel-keys.js';
import { itemAt, samplesOf } from '../streams/intake/item.js';
import { inTimeSlices } from '../streams/time-slice.js';

/** Which file under raw/ an image is of, and where each mask lies; made again when files have changed. */
export class ImageFiles {
  private made = -1;
  private making: Promise<void> | null = null;
  /** By the sample's key and the image's hash. */
  private images = new Map<string, string>();
  private masks = new Map<string, string>();

  constructor(
    private readonly catalog: Pick<Catalog, 'files' | 'samples'>,
    private readonly layout: Layout,
  ) {}

  async bringUpToDate(): Promise<void> {
    while (this.made !== this.catalog.files.changes) {
      this.making ??= inTimeSlices(this.make()).finally(() => {
        this.making = null;
      });
      await this.making;
      // While files come in, what was true a moment ago is good enough.
      if (this.made >= 0) return;
    }
  }

  /** The path of an image's file or part; undefined where none is known. */
  imagePath(key: string, imageSha: string): string | undefined {
    return this.images.get(`${key} ${imageSha}`);
  }

  maskPath(maskSha: string): string | undefined {
    return this.masks.get(maskSha);
  }

  /** The keys of samples that a file or a part may be the image of, those that there are. */
  keysAt(path: string): string[] {
    const item = itemAt(this.layout, path);
    if (item?.half !== 'image') return [];
    return samplesOf(item, this.layout).filter((key) => this.catalog.samples.has(key));
  }

  private *make(): Generator<void, void> {
    const { files } = this.catalog;
    const { changes } = files;
    const images = new Map<string, string>();
    const masks = new Map<string, string>();
    for (const record of files.values()) {
      const kind = kindOf(record);
      if (kind === 'mask') masks.set(record.sha256, record.path);
      if (kind === 'image') {
        for (const key of this.keysAt(record.path)) {
          images.set(`${key} ${record.sha256}`, record.path);
        }
      }
      yield;
    }
    this.images = images;
    this.masks = masks;
    this.made = changes;
  }
}
