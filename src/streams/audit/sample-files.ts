import type { AuditEvent, AuditedFile } from '../../events.js';
import type { Doubt } from '../../labels/doubt.js';
import type { Layout } from '../../layout/file-role.js';
import { groupBy } from '../../operators/group-by.js';
import { compareNaturally } from '../../operators/natural-order.js';
import type { Catalog } from '../../store/catalog.js';
import type { FileRecord, SampleRecord } from '../../store/records.js';
import { isSameFile } from '../intake/content-hash.js';
import { itemAt } from '../intake/item.js';

/** Which files make up which sample. */
export class SampleFiles {
  private readonly files: ReadonlyMap<string, readonly FileRecord[]>;

  constructor(
    private readonly catalog: Catalog,
    private readonly preprocessing: string,
    layout: Layout,
  ) {
    // Files that are no sample's are together, under no name.
    this.files = groupBy(catalog.files.values(), ({ path, kind }) => {
      const item = kind === 'parts' ? null : itemAt(layout, path);
      if (item === null) return '';
      return item.half === 'mask' ? `mask ${item.id}` : `${item.split} ${item.id}`;
    });
  }

  /** Samples of a split whose pixels are of the size asked for. */
  current(split: SampleRecord['split']): SampleRecord[] {
    return [...this.catalog.samplesOf(split)]
      .filter(({ preprocessing }) => preprocessing === this.preprocessing)
      .sort((a, b) => compareNaturally(a.id, b.id));
  }

  imageOf(sample: SampleRecord): AuditedFile {
    const { id, split } = sample;
    return { id, split, file: this.imageRecord(sample)?.path ?? id };
  }

  maskOf(sample: SampleRecord): AuditedFile {
    const { id, split } = sample;
    return { id, split, file: this.maskRecord(sample)?.path ?? id };
  }

  isMaskItsImage(sample: SampleRecord): boolean {
    const [image, mask] = [this.imageRecord(sample), this.maskRecord(sample)];
    return image !== undefined && mask !== undefined && isSameFile(image, mask, this.catalog.files);
  }

  /** What was doubtful about a sample's mask when it was read. */
  doubtsOf({ id, maskSha }: SampleRecord): readonly Doubt[] {
    const records = this.files.get(`mask ${id}`) ?? [];
    return records.find(({ sha256 }) => sha256 === maskSha)?.doubts ?? [];
  }

  unpaired(): AuditEvent['unpaired'][number][] {
    const found: AuditEvent['unpaired'][number][] = [];
    for (const [key, [record]] of this.files) {
      const kind = key.slice(0, key.indexOf(' '));
      const id = key.slice(kind.length + 1);
      if (kind === 'train' && !this.files.has(`mask ${id}`)) {
        found.push({ id, split: 'train', file: record!.path, missing: 'mask' });
      }
      const hasImage = this.files.has(`train ${id}`) || this.files.has(`either ${id}`);
      if (kind === 'mask' && !hasImage) {
        found.push({ id, split: 'train', file: record!.path, missing: 'image' });
      }
    }
    return found.sort((a, b) => compareNaturally(a.id, b.id));
  }

  private imageRecord({ id, split, imageSha }: SampleRecord): FileRecord | undefined {
    const key = this.files.has(`${split} ${id}`) ? split : 'either';
    return this.recordOf(`${key} ${id}`, imageSha);
  }

  private maskRecord({ id, maskSha }: SampleRecord): FileRecord | undefined {
    return this.recordOf(`mask ${id}`, maskSha ?? '');
  }

  /** Of several files for one sample, the one that it was made of. */
  private recordOf(key: string, sha256: string): FileRecord | undefined {
    const records = this.files.get(key) ?? [];
    return records.find((record) => record.sha256 === sha256) ?? records[0];
  }
}
