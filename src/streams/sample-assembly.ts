import type { IngestReason, PipelineEvent, Split } from '../events.js';
import { type Preprocessing, sampleFingerprint } from '../operators/fingerprint.js';
import { compareRivalPaths, type ImageName, parseImageName } from '../operators/image-name.js';
import { joinPair, noHalves, type PairState } from '../operators/pair.js';
import { type CacheWrite, sampleKey } from '../store/cache.js';
import type { Catalog } from '../store/catalog.js';
import { removeMaskFile } from '../store/mask-files.js';
import type { FileRecord, SampleRecord } from '../store/records.js';
import type { FileOutcome } from './ingest-file.js';
import { preprocessingKey } from './staleness.js';

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

/** Everything that files have said about one sample so far. */
interface Assembly {
  readonly split: Split;
  readonly id: string;
  /** Usually one path each; `7.tif` and `7.png` are rivals, and the first by name counts. */
  readonly rivals: Record<Half, Map<string, FileRecord>>;
  pair: PairState<FileRecord, FileRecord>;
  /** Rivals that have been told to be left out. */
  readonly leftOut: Set<string>;
  /** What was last said of a mask that does not fit; not said again while it stays true. */
  mismatch: string | null;
}

const nothing: Assembled = { events: [], changes: [] };

/**
 * Joins files to samples: an image and its mask in train, an image alone in test. Compares each
 * with what the catalog holds, so that every change has its reason and none happens twice.
 */
export class SampleAssembly {
  private readonly assemblies = new Map<string, Assembly>();
  /** What the catalog holds, or will when the writes in hand are done. */
  private readonly stored: Map<string, SampleRecord>;
  private readonly announced = new Set<string>();
  /** Samples with a file that is there but could not be read so far. */
  private readonly undecided = new Set<string>();
  private readonly announcedWaiting = new Set<string>();

  constructor(
    private readonly catalog: Catalog,
    private readonly preprocessing: Preprocessing,
    private readonly masksFolder: string,
  ) {
    this.stored = new Map(catalog.samples);
    this.seedRivals();
  }

  /** Train samples of which one half is missing. */
  get waitingCount(): number {
    let waiting = 0;
    for (const { pair } of this.assemblies.values()) {
      if (pair.has === 'image' || pair.has === 'mask') waiting++;
    }
    return waiting;
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
    for (const [key, { split, id, pair }] of this.assemblies) {
      const missing = pair.has === 'image' ? 'mask' : pair.has === 'mask' ? 'image' : null;
      if (missing === null) {
        this.announcedWaiting.delete(key);
      } else if (!this.announcedWaiting.has(key)) {
        this.announcedWaiting.add(key);
        events.push({ type: 'item.waiting', id, split, missing });
      }
    }
    return events;
  }

  /** After a whole scan: removes stored samples for which no complete set of files was found. */
  async removeUnsupported(isReachable: (split: Split) => boolean): Promise<Assembled> {
    const unsupported = [...this.stored].filter(
      ([key, { split }]) =>
        isReachable(split) && !this.undecided.has(key) && !isComplete(this.assemblies.get(key)),
    );
    return await together(unsupported.map(([, sample]) => this.remove(sample, [])));
  }

  /** Nothing is known of what the file holds now: what was known of its sample stays. */
  leaveUndecided(name: KnownName): void {
    this.undecided.add(sampleKey(this.assemblyOf(name)));
  }

  private async arrived(record: FileRecord, name: KnownName, ms: number): Promise<Assembled> {
    const assembly = this.assemblyOf(name);
    const half = halfOf(name);
    const rivals = assembly.rivals[half];
    rivals.set(record.path, record);
    const winner = winnerOf(rivals)!;
    const leftOut = tellLeftOut(assembly, rivals, winner);
    if (winner !== record) return leftOut;
    return await together([Promise.resolve(leftOut), this.join(assembly, half, record, ms, [])]);
  }

  private async lost(path: string, name: KnownName): Promise<Assembled> {
    const forget: CacheWrite[] = this.catalog.files.has(path) ? [{ remove: 'file', path }] : [];
    const assembly = this.assemblyOf(name);
    const half = halfOf(name);
    const rivals = assembly.rivals[half];
    const before = winnerOf(rivals);
    rivals.delete(path);
    assembly.leftOut.delete(path);
    const after = winnerOf(rivals);
    if (before !== undefined && before === after) return await this.forget(forget);
    if (after !== undefined) assembly.leftOut.delete(after.path);
    return await this.join(assembly, half, after ?? null, 0, forget);
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
    assembly: Assembly,
    half: Half,
    item: FileRecord | null,
    ms: number,
    writes: readonly CacheWrite[],
  ): Promise<Assembled> {
    const { split, id } = assembly;
    const key = sampleKey({ split, id });
    const stored = this.stored.get(key);
    if (split === 'test' && item !== null) {
      return await this.store(assembly, item, null, ms, writes);
    }
    const { state, outcome } = joinPair(assembly.pair, { half, item });
    assembly.pair = state;
    if (outcome.kind === 'completed') {
      const { image, mask } = outcome;
      if (image.height === mask.height && image.width === mask.width) {
        assembly.mismatch = null;
        return await this.store(assembly, image, mask, ms, writes);
      }
      return await together([
        Promise.resolve(tellMismatch(assembly, image, mask)),
        stored ? this.remove(stored, writes) : this.forget(writes),
      ]);
    }
    assembly.mismatch = null;
    if (state.has === 'nothing' && isEmpty(assembly)) this.assemblies.delete(key);
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
    { split, id }: Assembly,
    image: FileRecord,
    mask: FileRecord | null,
    ms: number,
    writes: readonly CacheWrite[],
  ): Promise<Assembled> {
    const key = sampleKey({ split, id });
    const sample: SampleRecord = {
      id,
      split,
      imageSha: image.sha256,
      maskSha: mask?.sha256 ?? null,
      fingerprint: sampleFingerprint({
        image: image.sha256,
        mask: mask?.sha256 ?? null,
        preprocessing: this.preprocessing,
      }),
      preprocessing: preprocessingKey(this.preprocessing),
    };
    const before = this.stored.get(key);
    const reason = ingestReason(sample, before);
    if (reason === 'cached') {
      await this.forget(writes);
      if (this.announced.has(key)) return nothing;
    } else {
      this.stored.set(key, sample);
      await this.catalog.commit([...writes, { put: 'sample', record: sample }]).catch((error) => {
        if (this.stored.get(key) === sample) this.restore(key);
        throw error;
      });
      // A newer change of the same sample has been taken in meanwhile and speaks for itself.
      if (this.stored.get(key) !== sample) return nothing;
    }
    this.announced.add(key);
    return {
      events: [{ type: 'item.ingested', id, split, ms, reason }],
      changes: [{ type: 'stored', sample, reason }],
    };
  }

  private async remove(sample: SampleRecord, writes: readonly CacheWrite[]): Promise<Assembled> {
    const { split, id } = sample;
    const key = sampleKey(sample);
    this.stored.delete(key);
    const wasAnnounced = this.announced.delete(key);
    const alsoPrediction: CacheWrite[] = split === 'test' ? [{ remove: 'prediction', id }] : [];
    const removal: CacheWrite[] = [...writes, { remove: 'sample', key }, ...alsoPrediction];
    await this.catalog.commit(removal).catch((error) => {
      if (!this.stored.has(key)) {
        this.restore(key);
        if (wasAnnounced) this.announced.add(key);
      }
      throw error;
    });
    if (split === 'test') await removeMaskFile(this.masksFolder, id);
    return {
      events: [{ type: 'item.removed', id, split }],
      changes: [{ type: 'removed', split, id }],
    };
  }

  /** A write failed: the catalog still holds what it held. */
  private restore(key: string): void {
    const held = this.catalog.samples.get(key);
    if (held === undefined) this.stored.delete(key);
    else this.stored.set(key, held);
  }

  /**
   * Where several files are known to stand for one item, the one that counts is taken as there
   * until it is found gone: else a start would switch to whichever is met first, and back.
   */
  private seedRivals(): void {
    const preprocessing = preprocessingKey(this.preprocessing);
    const byHalf = new Map<string, FileRecord[]>();
    for (const record of this.catalog.files.values()) {
      const name = parseImageName(record.path);
      if (name.kind === 'foreign' || record.preprocessing !== preprocessing) continue;
      const key = `${name.kind} ${name.id}`;
      const others = byHalf.get(key);
      if (others) others.push(record);
      else byHalf.set(key, [record]);
    }
    for (const records of byHalf.values()) {
      if (records.length < 2) continue;
      const [winner] = records.sort((a, b) => compareRivalPaths(a.path, b.path));
      const name = parseImageName(winner!.path) as KnownName;
      this.assemblyOf(name).rivals[halfOf(name)].set(winner!.path, winner!);
    }
  }

  private assemblyOf(name: KnownName): Assembly {
    const split = name.kind === 'test-image' ? 'test' : 'train';
    const { id } = name;
    const key = sampleKey({ split, id });
    let assembly = this.assemblies.get(key);
    if (assembly === undefined) {
      assembly = {
        split,
        id,
        rivals: { image: new Map(), mask: new Map() },
        pair: noHalves,
        leftOut: new Set(),
        mismatch: null,
      };
      this.assemblies.set(key, assembly);
    }
    return assembly;
  }
}

async function together(parts: readonly Promise<Assembled>[]): Promise<Assembled> {
  const done = await Promise.all(parts);
  return {
    events: done.flatMap((part) => part.events),
    changes: done.flatMap((part) => part.changes),
  };
}

function isComplete(assembly: Assembly | undefined): boolean {
  if (assembly === undefined) return false;
  return assembly.split === 'test' ? assembly.rivals.image.size > 0 : assembly.pair.has === 'both';
}

function isEmpty({ rivals }: Assembly): boolean {
  return rivals.image.size === 0 && rivals.mask.size === 0;
}

function halfOf(name: KnownName): Half {
  return name.kind === 'train-mask' ? 'mask' : 'image';
}

function winnerOf(rivals: ReadonlyMap<string, FileRecord>): FileRecord | undefined {
  let winner: FileRecord | undefined;
  for (const record of rivals.values()) {
    if (winner === undefined || compareRivalPaths(record.path, winner.path) < 0) winner = record;
  }
  return winner;
}

/** Says once of each file why it does not count. */
function tellLeftOut(
  { id, leftOut }: Assembly,
  rivals: ReadonlyMap<string, FileRecord>,
  winner: FileRecord,
): Assembled {
  leftOut.delete(winner.path);
  const losers = [...rivals.keys()].filter((path) => path !== winner.path && !leftOut.has(path));
  const message = `is left out: ${winner.path} stands for the same ${id}`;
  return {
    events: losers.flatMap((path) => {
      leftOut.add(path);
      return failure(path, 'DUPLICATE_ID', message).events;
    }),
    changes: [],
  };
}

function tellMismatch(assembly: Assembly, image: FileRecord, mask: FileRecord): Assembled {
  const message = `is ${sizeOf(mask)}, its image ${sizeOf(image)} (height x width)`;
  const said = `${mask.path} ${message}`;
  if (assembly.mismatch === said) return nothing;
  assembly.mismatch = said;
  return failure(mask.path, 'MASK_SIZE_MISMATCH', message);
}

function ingestReason(sample: SampleRecord, before: SampleRecord | undefined): IngestReason {
  if (before === undefined) return 'new';
  if (before.fingerprint === sample.fingerprint) return 'cached';
  if (before.imageSha !== sample.imageSha) return 'changed';
  if (before.maskSha !== sample.maskSha) return 'mask-changed';
  return 'settings-changed';
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
