import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeMask, mostImagePixels } from '../../operators/decode.js';
import { sha256 } from '../../operators/fingerprint.js';
import type { GreyImage } from '../../operators/image.js';
import { parseImageName } from '../../operators/image-name.js';
import { fail, ok, type Result } from '../../operators/result.js';
import { decodeRle, encodeRle } from '../../operators/rle.js';
import type { Catalog } from '../../store/catalog.js';
import type { SampleRecord } from '../../store/records.js';

/** What is kept of a mask: a few hundred bytes. */
interface Kept {
  readonly height: number;
  readonly width: number;
  readonly rle: string;
}

/** True masks at full resolution, from raw/: each file is read and decoded once. */
export class TruthMasks {
  private readonly pathBySha = new Map<string, string>();
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly raw: string,
    catalog: Pick<Catalog, 'files'>,
  ) {
    for (const { path, sha256 } of catalog.files.values()) {
      if (parseImageName(path).kind === 'train-mask') this.pathBySha.set(sha256, path);
    }
  }

  /** Where a sample's mask lies under raw/; undefined when the cache knows of no such file. */
  pathOf({ maskSha }: Pick<SampleRecord, 'maskSha'>): string | undefined {
    return this.pathBySha.get(maskSha ?? '');
  }

  /** The first of the samples' masks that is not there, as a person knows it; null: all are there. */
  async firstGone(samples: readonly SampleRecord[]): Promise<string | null> {
    for (const sample of samples) {
      const path = this.pathOf(sample);
      if (path === undefined) return `the mask of ${sample.id}`;
      const file = join(this.raw, path);
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
    const path = this.pathOf(sample);
    if (path === undefined) {
      return fail('MASK_GONE', `the mask of ${sample.id} is not among the files of the cache`);
    }
    const bytes = await readFile(join(this.raw, path)).catch((error: Error) => error);
    if (bytes instanceof Error) return fail('MASK_GONE', bytes.message);
    if (sha256(bytes) !== sha) {
      return fail('MASK_CHANGED', 'it has changed since it was taken in; run nerveflow ingest');
    }
    const decoded = await decodeMask(bytes, { maxPixels: mostImagePixels });
    if (!decoded.ok) return decoded;
    const { height, width, data } = decoded.value;
    this.kept.set(sha, { height, width, rle: encodeRle(data, decoded.value) });
    return decoded;
  }
}
