import type { AuditEvent, AuditedFile } from '../../events.js';
import { groupBy } from '../../operators/group-by.js';
import { parseImageName } from '../../operators/image-name.js';
import type { Catalog } from '../../store/catalog.js';
import type { FileRecord, SampleRecord } from '../../store/records.js';

/** Which files make up which sample. */
export class SampleFiles {
  private readonly files: ReadonlyMap<string, readonly FileRecord[]>;

  constructor(
    private readonly catalog: Catalog,
    private readonly preprocessing: string,
  ) {
    // Files that are no sample's are together, under no name.
    this.files = groupBy(catalog.files.values(), ({ path }) => {
      const name = parseImageName(path);
      return name.kind === 'foreign' ? '' : `${name.kind} ${name.id}`;
    });
  }

  /** Samples of a split whose pixels are of the size asked for. */
  current(split: SampleRecord['split']): SampleRecord[] {
    return [...this.catalog.samplesOf(split)]
      .filter(({ preprocessing }) => preprocessing === this.preprocessing)
      .sort((a, b) => compareIds(a.id, b.id));
  }

  imageOf({ id, split, imageSha }: SampleRecord): AuditedFile {
    const kind = split === 'train' ? 'train-image' : 'test-image';
    return { id, split, file: this.fileOf(`${kind} ${id}`, imageSha) ?? id };
  }

  maskOf({ id, split, maskSha }: SampleRecord): AuditedFile {
    return { id, split, file: this.fileOf(`train-mask ${id}`, maskSha ?? '') ?? id };
  }

  unpaired(): AuditEvent['unpaired'][number][] {
    const found: AuditEvent['unpaired'][number][] = [];
    for (const [key, [record]] of this.files) {
      const [kind, id] = key.split(' ') as [string, string];
      if (kind === 'train-image' && !this.files.has(`train-mask ${id}`)) {
        found.push({ id, split: 'train', file: record!.path, missing: 'mask' });
      }
      if (kind === 'train-mask' && !this.files.has(`train-image ${id}`)) {
        found.push({ id, split: 'train', file: record!.path, missing: 'image' });
      }
    }
    return found.sort((a, b) => compareIds(a.id, b.id));
  }

  /** Of several files for one sample, the one that it was made of. */
  private fileOf(key: string, sha256: string): string | undefined {
    const records = this.files.get(key) ?? [];
    return (records.find((record) => record.sha256 === sha256) ?? records[0])?.path;
  }
}

/** `2_10` after `2_9`. */
function compareIds(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
