import type { IngestReason, PipelineEvent, Split } from '../../events.js';
import {
  type Preprocessing,
  preprocessingKey,
  sampleFingerprint,
} from '../../operators/fingerprint.js';
import type { PairAction } from '../../operators/pair.js';
import type { CacheWrite } from '../../store/cache-writes.js';
import type { Catalog } from '../../store/catalog.js';
import { removeMaskFile } from '../../store/mask-files.js';
import { type FileRecord, type SampleRecord, sampleKey } from '../../store/records.js';
import type { FileOutcome } from './file-in-hand.js';
import type { SampleStates } from './sample-states.js';

/** A sample that is now in the catalog, or no longer. */
export type SampleChange =
  | { readonly type: 'stored'; readonly sample: SampleRecord; readonly reason: IngestReason }
  | { readonly type: 'removed'; readonly split: Split; readonly id: string };

/** What has come of it, once it is in the catalog. */
export interface Assembled {
  readonly events: readonly PipelineEvent[];
  readonly changes: readonly SampleChange[];
}

/** What is to be done about one file's outcome; decided at once, written by `commit`. */
export interface Pairing {
  /** Null where it is about no sample. */
  readonly key: string | null;
  readonly action: PairAction<FileRecord>;
  /** Of the sample to be stored, where its id does not tell. */
  readonly subject: string | undefined;
  /** What there is to say beside that, once it is written. */
  readonly events: readonly PipelineEvent[];
  readonly ms: number;
  /** A file to be forgotten. */
  readonly leaving: string | null;
  /** A mask, or a file of labels, that is to be read again: it was drawn or cut for another image. */
  readonly staleMask: string | null;
}

export interface PairedFile {
  readonly outcome: Pick<FileOutcome, 'path' | 'type'>;
  readonly pairing: Pairing;
}

/** What the catalog will hold of a sample, or null for nothing. */
interface Underway {
  readonly sample: SampleRecord | null;
}

const untold: Assembled = { events: [], changes: [] };

/** Carries out what pairing has decided: samples on their way into the catalog and out of it. */
export class SampleWrites {
  /** The newest write in hand of each sample. */
  private readonly underway = new Map<string, Underway>();

  constructor(
    private readonly catalog: Catalog,
    private readonly states: SampleStates,
    private readonly preprocessing: Preprocessing,
    private readonly masksFolder: string,
  ) {}

  /** What the catalog holds, or will when the writes in hand are done. */
  storedOf(key: string): SampleRecord | undefined {
    const underway = this.underway.get(key);
    return underway === undefined ? this.catalog.samples.get(key) : (underway.sample ?? undefined);
  }

  /** Calls may overlap; their writes keep their order. Rejects where the store refuses. */
  async commit(pairing: Pairing): Promise<Assembled> {
    const { events, changes } = await this.perform(pairing);
    return { events: [...pairing.events, ...events], changes };
  }

  private async perform(pairing: Pairing): Promise<Assembled> {
    const { key, action, subject, ms, leaving, staleMask } = pairing;
    const forget: CacheWrite[] = [leaving, staleMask].flatMap((path) =>
      path !== null && this.catalog.files.has(path) ? [{ remove: 'file', path }] : [],
    );
    if (key === null) {
      await this.forget(forget);
      return untold;
    }
    const { split, id } = itemOf(key);
    const grey = action.do === 'store' ? action.image.grey : undefined;
    const told = grey === undefined ? {} : { grey };
    const ingested = (sample: SampleRecord, reason: IngestReason): Assembled => ({
      events: [{ type: 'item.ingested', id, split, ms, reason, ...told }],
      changes: [{ type: 'stored', sample, reason }],
    });
    const before = this.storedOf(key);
    switch (action.do) {
      case 'store': {
        const sample = this.sampleOf({ split, id, subject }, action);
        const isNewest = await this.store(sample, forget);
        // A newer change of the same sample has been taken in meanwhile and speaks for itself.
        if (!isNewest) return untold;
        this.states.announce(key);
        return ingested(sample, action.reason);
      }
      case 'announce':
        await this.forget(forget);
        return before && this.states.announce(key) ? ingested(before, 'cached') : untold;
      case 'remove':
        if (before === undefined) return untold;
        await this.remove(before, forget);
        this.states.announce(key);
        return {
          events: [{ type: 'item.removed', id, split }],
          changes: [{ type: 'removed', split, id }],
        };
      case 'nothing':
        await this.forget(forget);
        return untold;
    }
  }

  private async store(sample: SampleRecord, also: readonly CacheWrite[]): Promise<boolean> {
    return await this.write(sampleKey(sample), sample, [
      ...also,
      { put: 'sample', record: sample },
    ]);
  }

  private async remove(sample: SampleRecord, also: readonly CacheWrite[]): Promise<void> {
    const { split, id } = sample;
    const key = sampleKey(sample);
    const prediction: CacheWrite[] = split === 'test' ? [{ remove: 'prediction', id }] : [];
    await this.write(key, null, [...also, { remove: 'sample', key }, ...prediction]);
    if (split === 'test') await removeMaskFile(this.masksFolder, id);
  }

  private async forget(writes: readonly CacheWrite[]): Promise<void> {
    if (writes.length > 0) await this.catalog.commit(writes);
  }

  /** Resolves with whether it was still the newest write of its sample. */
  private async write(
    key: string,
    sample: SampleRecord | null,
    writes: readonly CacheWrite[],
  ): Promise<boolean> {
    const own = { sample };
    this.underway.set(key, own);
    const isNewest = () => this.underway.get(key) === own;
    try {
      await this.catalog.commit(writes);
      return isNewest();
    } finally {
      // Through or refused: from now on the catalog tells, unless a newer one is in hand.
      if (isNewest()) this.underway.delete(key);
    }
  }

  private sampleOf(
    { split, id, subject }: Pick<SampleRecord, 'split' | 'id'> & Pick<Pairing, 'subject'>,
    { image, mask }: Pick<Extract<Pairing['action'], { do: 'store' }>, 'image' | 'mask'>,
  ): SampleRecord {
    const preprocessing = this.preprocessing;
    const [imageSha, maskSha] = [image.sha256, mask?.sha256 ?? null];
    const content = { image: imageSha, mask: maskSha, preprocessing, subject };
    return {
      ...{ id, split, imageSha, maskSha },
      fingerprint: sampleFingerprint(content),
      preprocessing: preprocessingKey(preprocessing),
      ...(subject === undefined ? {} : { subject }),
      ...(image.spacing === undefined ? {} : { spacing: image.spacing }),
    };
  }
}

export function itemOf(key: string): { readonly split: Split; readonly id: string } {
  const slash = key.indexOf('/');
  return { split: key.slice(0, slash) as Split, id: key.slice(slash + 1) };
}
