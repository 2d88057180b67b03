import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { GreyImage } from '../../operators/image.js';
import { fail, ok, type Result } from '../../operators/result.js';
import { decodeRle, encodeRle } from '../../operators/rle.js';
import type { Catalog } from '../../store/catalog.js';
import { partOf } from '../../store/part-path.js';
import { kindOf } from '../../store/pixel-keys.js';
import type { FileRecord, SampleRecord } from '../../store/records.js';
import { type FileContext, readAgain } from '../intake/read-again.js';

/** What is kept of a mask: a few hundred bytes. */
interface Kept {
  readonly height: number;
  readonly width: number;
  readonly rle: string;
}

/** True masks at full resolution, from raw/: each file is read and decoded once. */
export class TruthMasks {
  private readonly bySha = new Map<string, FileRecord>();
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly context: FileContext,
    catalog: Pick<Catalog, 'files'>,
  ) {
    for (const record of catalog.files.values()) {
      if (kindOf(record) === 'mask') this.bySha.set(record.sha256, record);
    }
  }

  /** Where a sample's mask lies under raw/; undefined when the cache knows of no such file. */
  pathOf({ maskSha }: Pick<SampleRecord, 'maskSha'>): string | undefined {
    return this.bySha.get(maskSha ?? '')?.path;
  }

  /** The first of the samples' masks that is not there, as a person knows it; null: all are there. */
  async firstGone(samples: readonly SampleRecord[]): Promise<string | null> {
    for (const sample of samples) {
      const record = this.bySha.get(sample.maskSha ?? '');
      if (record === undefined) return `the mask of ${sample.id}`;
      const file = join(this.context.raw, partOf(record.path).file);
      const isThere = await access(file).then(
        () => true,
        () => false,
      );
      if (!isThere) return file;
    }
    return null;
  }

  /** 0 or 1, row-major. Fails when the file is gone, was changed since or cannot be decoded. */
  async read(sample: Pick<SampleRecord, 'id' | 'maskSha'>): Promise<Result<GreyImage>> {
    const sha = sample.maskSha ?? '';
    const kept = this.kept.get(sha);
    if (kept !== undefined) {
      const mask = decodeRle(kept.rle, kept);
      return mask.ok ? ok({ ...kept, data: mask.value }) : mask;
    }
    const record = this.bySha.get(sha);
    if (record === undefined) {
      return fail('MASK_GONE', `the mask of ${sample.id} is not among the files of the cache`);
    }
    const read = await readAgain(record, this.context);
    if (!read.ok) {
      const { code, message } = read.failure;
      const isOther = code === 'GONE' || code === 'CHANGED';
      return isOther ? fail(`MASK_${code}`, message) : read;
    }
    const { height, width, data } = read.value;
    this.kept.set(sha, { height, width, rle: encodeRle(data, read.value) });
    return read;
  }
}
