import type { IngestReason, PipelineEvent, Split } from '../../events.js';
import {
  type Preprocessing,
  preprocessingKey,
  sampleFingerprint,
} from '../../operators/fingerprint.js';
import { compareRivalPaths, type ImageName, parseImageName } from '../../operators/image-name.js';
import type { CacheWrite } from '../../store/cache-writes.js';
import type { Catalog } from '../../store/catalog.js';
import { removeMaskFile } from '../../store/mask-files.js';
import { type FileRecord, type SampleRecord, sampleKey } from '../../store/records.js';
import type { FileOutcome } from './ingest-file.js';
import { namesOf, RivalPaths } from './rival-paths.js';

/** A sample that is now in the catalog, or no longer. */
export type SampleChange =
  | { readonly type: 'stored'; readonly sample: SampleRecord; readonly reason: IngestReason }
  | { readonly type: 'removed'; readonly split: Split; readonly id: string };

export interface Assembled {
  readonly events: readonly PipelineEvent[];
  readonly changes: readonly SampleChange[];
}

type KnownName = Exclude<ImageName, { kind: 'foreign' }>;
type Half = 'image' | 'mask';
type Item = Pick<SampleRecord, 'split' | 'id'>;

/** A write on its way: what the catalog will hold of a sample, or null for nothing. */
interface Underway {
  readonly sample: SampleRecord | null;
}

const nothing: Assembled = { events: [], changes: [] };
/** Samples looked at in one go; in between others have their turn. */
const looksAtOnce = 500;

/**
 * Joins files to samples: an image and its mask in train, an image alone in test. Compares each
 * with what the catalog holds, so that every change has its reason and none happens twice.
 *
 * Which files there are is read from the catalog. Kept here is only what that cannot tell: what is
 * on its way into it, what it says of files that nobody has met yet since the start, and what is
 * not as usual (halves alone, rivals, masks that do not fit).
 */
export class SampleAssembly {
  /** Writes in hand, by sample; the newest of each. */
  private readonly underway = new Map<string, Underway>();
  /** Files whose removal is in hand. */
  private readonly leaving = new Set<string>();
  /** Files that the catalog knows from before the start and that have not been looked at since. */
  private readonly unmet: Set<string>;
  /** Stored samples that have not been told of since the start. */
  private readonly unannounced: Set<string>;
  /** Samples with a file that is there but could not be read so far. */
  private readonly undecided = new Set<string>();
  /** Train samples of which one half is missing, and which. */
  private readonly waiting = new Map<string, Half>();
  private readonly announcedWaiting = new Set<string>();
  private readonly rivals = new RivalPaths();
  /** Rivals that have been told to be left out. */
  private readonly leftOut = new Set<string>();
  /** What was last said of a mask that does not fit; not said again while it stays true. */
  private readonly mismatches = new Map<string, string>();
  private readonly preprocessingName: string;

  constructor(
    private readonly catalog: Catalog,
    private readonly preprocessing: Preprocessing,
    private readonly masksFolder: string,
  ) {
    this.preprocessingName = preprocessingKey(preprocessing);
    this.unmet = new Set(catalog.files.keys());
    this.unannounced = new Set(catalog.samples.keys());
    this.seedRivals();
  }

  /** Train samples of which one half is missing. */
  get waitingCount(): number {
    return this.waiting.size;
  }

  /** Takes in what became of one file. Calls may overlap; their writes keep their order. */
  async accept(outcome: FileOutcome, name: KnownName): Promise<Assembled> {
    switch (outcome.type) {
      case 'ready':
        return await this.arrived(outcome.record, name, outcome.ms);
      case 'gone':
        return await this.lost(outcome.path, name);
      case 'failed':
        return await this.failed(outcome, name);
      case 'incomplete':
      case 'unreachable':
        return nothing;
    }
  }

  /** Halves that still wait for their partner; each is told once. */
  takeWaiting(): PipelineEvent[] {
    const events: PipelineEvent[] = [];
    for (const key of this.announcedWaiting) {
      if (!this.waiting.has(key)) this.announcedWaiting.delete(key);
    }
    for (const [key, missing] of this.waiting) {
      if (this.announcedWaiting.has(key)) continue;
      this.announcedWaiting.add(key);
      events.push({ type: 'item.waiting', ...itemOf(key), missing });
    }
    return events;
  }

  /** After a whole scan: removes stored samples for which no complete set of files was found. */
  async removeUnsupported(isReachable: (split: Split) => boolean): Promise<Assembled> {
    const unsupported: string[] = [];
    let looks = 0;
    for (const key of this.catalog.samples.keys()) {
      if (++looks % looksAtOnce === 0) await new Promise(setImmediate);
      if (!this.isSupported(key, isReachable)) unsupported.push(key);
    }
    // Looked at again: meanwhile a file may have come.
    const removed = unsupported.flatMap((key) => {
      const sample = this.storedOf(key);
      return sample && !this.isSupported(key, isReachable) ? [this.remove(sample, [])] : [];
    });
    return await together(removed);
  }

  /** Nothing is known of what the file holds now: what was known of its sample stays. */
  leaveUndecided(name: KnownName): void {
    this.undecided.add(sampleKey(itemNamed(name)));
  }

  private async arrived(record: FileRecord, name: KnownName, ms: number): Promise<Assembled> {
    const { path } = record;
    this.unmet.delete(path);
    this.leaving.delete(path);
    this.rivals.add(path, name);
    const there = this.pathsFor(name);
    if (!there.includes(path)) there.push(path);
    const winner = firstOf(there)!;
    const leftOut = this.tellLeftOut(name.id, there, winner);
    if (winner !== path) return leftOut;
    return await together([Promise.resolve(leftOut), this.join(name, record, ms, [])]);
  }

  private async lost(path: string, name: KnownName): Promise<Assembled> {
    const before = firstOf(this.pathsFor(name));
    const isKnown = this.catalog.files.has(path);
    const forget: CacheWrite[] = isKnown ? [{ remove: 'file', path }] : [];
    this.unmet.delete(path);
    this.rivals.delete(path, name);
    this.leftOut.delete(path);
    if (isKnown) this.leaving.add(path);
    try {
      const after = firstOf(this.pathsFor(name));
      if (before !== undefined && before === after) return await this.forget(forget);
      if (after !== undefined) this.leftOut.delete(after);
      const successor = after === undefined ? null : this.catalog.files.get(after)!;
      return await this.join(name, successor, 0, forget);
    } finally {
      this.leaving.delete(path);
      // The store has refused to let it go.
      if (this.catalog.files.has(path)) this.rivals.add(path, name);
    }
  }

  private async failed(
    outcome: FileOutcome & { type: 'failed' },
    name: KnownName,
  ): Promise<Assembled> {
    const { path, stage, failure: reason } = outcome;
    const told = failure(path, reason.code, reason.message, stage);
    if (stage === 'cache' || reason.code === 'UNREADABLE') {
      this.leaveUndecided(name);
      return told;
    }
    const { events, changes } = await this.lost(path, name);
    return { events: [...told.events, ...events], changes };
  }

  private async join(
    name: KnownName,
    item: FileRecord | null,
    ms: number,
    writes: readonly CacheWrite[],
  ): Promise<Assembled> {
    const of = itemNamed(name);
    const key = sampleKey(of);
    if (of.split === 'test' && item !== null) return await this.store(of, item, null, ms, writes);
    const half = halfOf(name);
    const partner = this.partnerOf(name);
    const image = half === 'image' ? item : partner;
    const mask = half === 'mask' ? item : partner;
    const stored = this.storedOf(key);
    if (image !== null && mask !== null) {
      this.waiting.delete(key);
      if (image.height === mask.height && image.width === mask.width) {
        this.mismatches.delete(key);
        return await this.store(of, image, mask, ms, writes);
      }
      return await together([
        Promise.resolve(this.tellMismatch(key, image, mask)),
        stored ? this.remove(stored, writes) : this.forget(writes),
      ]);
    }
    this.mismatches.delete(key);
    if (of.split === 'test' || (image === null && mask === null)) this.waiting.delete(key);
    else this.waiting.set(key, image === null ? 'image' : 'mask');
    // An arrival that is still alone says nothing about its partner: a scan may be on its way there.
    const isLoss = item === null;
    if (isLoss && stored !== undefined) return await this.remove(stored, writes);
    return await this.forget(writes);
  }

  private async forget(writes: readonly CacheWrite[]): Promise<Assembled> {
    if (writes.length > 0) await this.catalog.commit(writes);
    return nothing;
  }

  private async store(
    { split, id }: Item,
    image: FileRecord,
    mask: FileRecord | null,
    ms: number,
    writes: readonly CacheWrite[],
  ): Promise<Assembled> {
    const key = sampleKey({ split, id });
    const before = this.storedOf(key);
    const reason = this.ingestReason(image, mask, before);
    let sample: SampleRecord;
    if (before !== undefined && reason === 'cached') {
      sample = before;
      await this.forget(writes);
      if (!this.unannounced.delete(key)) return nothing;
    } else {
      sample = this.sampleOf({ split, id }, image, mask);
      const own = { sample };
      this.underway.set(key, own);
      let isNewest: boolean;
      try {
        await this.catalog.commit([...writes, { put: 'sample', record: sample }]);
      } finally {
        isNewest = this.landed(key, own);
      }
      // A newer change of the same sample has been taken in meanwhile and speaks for itself.
      if (!isNewest) return nothing;
      this.unannounced.delete(key);
    }
    return {
      events: [{ type: 'item.ingested', id, split, ms, reason }],
      changes: [{ type: 'stored', sample, reason }],
    };
  }

  private async remove(sample: SampleRecord, writes: readonly CacheWrite[]): Promise<Assembled> {
    const { split, id } = sample;
    const key = sampleKey(sample);
    const own = { sample: null };
    this.underway.set(key, own);
    const alsoPrediction: CacheWrite[] = split === 'test' ? [{ remove: 'prediction', id }] : [];
    const removal: CacheWrite[] = [...writes, { remove: 'sample', key }, ...alsoPrediction];
    try {
      await this.catalog.commit(removal);
    } finally {
      this.landed(key, own);
    }
    this.unannounced.delete(key);
    if (split === 'test') await removeMaskFile(this.masksFolder, id);
    return {
      events: [{ type: 'item.removed', id, split }],
      changes: [{ type: 'removed', split, id }],
    };
  }

  /** A write is through or has failed: from now on the catalog tells, unless a newer one is in hand. */
  private landed(key: string, own: Underway): boolean {
    const isNewest = this.underway.get(key) === own;
    if (isNewest) this.underway.delete(key);
    return isNewest;
  }

  /** What the catalog holds, or will when the writes in hand are done. */
  private storedOf(key: string): SampleRecord | undefined {
    const underway = this.underway.get(key);
    return underway === undefined ? this.catalog.samples.get(key) : (underway.sample ?? undefined);
  }

  private sampleOf({ split, id }: Item, image: FileRecord, mask: FileRecord | null): SampleRecord {
    const shas = { image: image.sha256, mask: mask?.sha256 ?? null };
    return {
      id,
      split,
      imageSha: shas.image,
      maskSha: shas.mask,
      fingerprint: sampleFingerprint({ ...shas, preprocessing: this.preprocessing }),
      preprocessing: this.preprocessingName,
    };
  }

  /** The same as comparing fingerprints, field by field, so that the answer says what changed. */
  private ingestReason(
    image: FileRecord,
    mask: FileRecord | null,
    before: SampleRecord | undefined,
  ): IngestReason {
    if (before === undefined) return 'new';
    if (before.imageSha !== image.sha256) return 'changed';
    if (before.maskSha !== (mask?.sha256 ?? null)) return 'mask-changed';
    return before.preprocessing === this.preprocessingName ? 'cached' : 'settings-changed';
  }

  /** The file that counts as the other half of a pair. */
  private partnerOf(name: KnownName): FileRecord | null {
    const { split, id } = itemNamed(name);
    const { image, mask } = namesOf(split, id);
    const partner = halfOf(name) === 'image' ? mask : image;
    const path = partner === null ? undefined : firstOf(this.pathsFor(partner));
    return path === undefined ? null : this.catalog.files.get(path)!;
  }

  /** Paths of the files that are there, as far as is known, and usable as this half of this sample. */
  private pathsFor(name: KnownName): string[] {
    return this.rivals.of(name).filter((path) => this.isUsable(path));
  }

  private isUsable(path: string): boolean {
    return (
      this.catalog.files.isMadeWith(path, this.preprocessingName) &&
      !this.unmet.has(path) &&
      !this.leaving.has(path)
    );
  }

  private isSupported(key: string, isReachable: (split: Split) => boolean): boolean {
    const { split, id } = itemOf(key);
    if (!isReachable(split) || this.undecided.has(key)) return true;
    const { image, mask } = namesOf(split, id);
    return this.pathsFor(image).length > 0 && (mask === null || this.pathsFor(mask).length > 0);
  }

  /**
   * Where several files are known to stand for one item, the one that counts is taken as there
   * until it is found gone: else a start would switch to whichever is met first, and back.
   */
  private seedRivals(): void {
    for (const path of this.unmet) this.rivals.add(path, parseImageName(path) as KnownName);
    if (!this.rivals.arePossible) return;
    const winners = [...this.unmet].filter((path) => {
      const known = this.rivals
        .of(parseImageName(path) as KnownName)
        .filter((rival) => this.catalog.files.isMadeWith(rival, this.preprocessingName));
      return known.length > 1 && firstOf(known) === path;
    });
    for (const path of winners) this.unmet.delete(path);
  }

  /** Says once of each file why it does not count. */
  private tellLeftOut(id: string, there: readonly string[], winner: string): Assembled {
    this.leftOut.delete(winner);
    const losers = there.filter((path) => path !== winner && !this.leftOut.has(path));
    const message = `is left out: ${winner} stands for the same ${id}`;
    return {
      events: losers.flatMap((path) => {
        this.leftOut.add(path);
        return failure(path, 'DUPLICATE_ID', message).events;
      }),
      changes: [],
    };
  }

  private tellMismatch(key: string, image: FileRecord, mask: FileRecord): Assembled {
    const message = `is ${sizeOf(mask)}, its image ${sizeOf(image)} (height x width)`;
    const said = `${mask.path} ${message}`;
    if (this.mismatches.get(key) === said) return nothing;
    this.mismatches.set(key, said);
    return failure(mask.path, 'MASK_SIZE_MISMATCH', message);
  }
}

async function together(parts: readonly Promise<Assembled>[]): Promise<Assembled> {
  const done = await Promise.all(parts);
  return {
    events: done.flatMap((part) => part.events),
    changes: done.flatMap((part) => part.changes),
  };
}

function itemNamed({ kind, id }: KnownName): Item {
  return { split: kind === 'test-image' ? 'test' : 'train', id };
}

function itemOf(key: string): Item {
  const slash = key.indexOf('/');
  return { split: key.slice(0, slash) as Split, id: key.slice(slash + 1) };
}

function halfOf(name: KnownName): Half {
  return name.kind === 'train-mask' ? 'mask' : 'image';
}

/** The one that counts, or undefined of none. */
function firstOf(rivals: readonly string[]): string | undefined {
  return rivals.length < 2 ? rivals[0] : [...rivals].sort(compareRivalPaths)[0];
}

function sizeOf({ height, width }: FileRecord): string {
  return `${height}x${width}`;
}

function failure(
  path: string,
  code: string,
  message: string,
  stage: 'settle' | 'decode' | 'cache' | 'pair' = 'pair',
): Assembled {
  return { events: [{ type: 'item.failed', path, stage, code, message }], changes: [] };
}
