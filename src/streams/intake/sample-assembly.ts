import type { PipelineEvent, Split } from '../../events.js';
import type { Preprocessing } from '../../operators/fingerprint.js';
import { preprocessingKey } from '../../operators/fingerprint.js';
import { leaveOutDuplicates, pair, withoutDuplicate } from '../../operators/pair.js';
import type { Failure } from '../../operators/result.js';
import type { Catalog } from '../../store/catalog.js';
import { type FileRecord, type SampleRecord, sampleKey } from '../../store/records.js';
import { namesOf } from './duplicate-paths.js';
import type { FileFailed, FileOutcome, FileReady } from './file-in-hand.js';
import { FilesThere, type KnownName, nameOf } from './files-there.js';
import { SampleStates } from './sample-states.js';
import { type Assembled, itemOf, type Pairing, SampleWrites } from './sample-writes.js';

export type { Assembled, Pairing, SampleChange } from './sample-writes.js';

const untouched = { action: { do: 'nothing' }, events: [], ms: 0, leaving: null } as const;
/** Samples looked at in one go; in between others have their turn. */
const looksAtOnce = 500;

/**
 * Joins files to samples: an image and its mask in train, an image alone in test. Compares each
 * with what the catalog holds, so that every change has its reason and none happens twice. What
 * follows from that is decided in `pair`; here is only what that has to know.
 */
export class SampleAssembly {
  private readonly states: SampleStates;
  private readonly files: FilesThere;
  private readonly writes: SampleWrites;
  private readonly preprocessingName: string;

  constructor(
    private readonly catalog: Catalog,
    preprocessing: Preprocessing,
    masksFolder: string,
  ) {
    this.preprocessingName = preprocessingKey(preprocessing);
    this.states = new SampleStates(catalog.samples.keys());
    this.files = new FilesThere(catalog.files, this.preprocessingName);
    this.writes = new SampleWrites(catalog, this.states, preprocessing, masksFolder);
  }

  /** Train samples of which one half is missing. */
  get waitingCount(): number {
    return this.states.waitingCount;
  }

  /** Halves that still wait for their partner; each is told once. */
  takeWaiting(): PipelineEvent[] {
    return this.states
      .takeUnreported()
      .map(({ key, missing }) => ({ type: 'item.waiting', ...itemOf(key), missing }));
  }

  /** Has to be committed before the next one is asked for. */
  pair(outcome: FileOutcome): Pairing | null {
    switch (outcome.type) {
      case 'ready':
        return this.arrived(outcome);
      case 'gone':
        return this.lost(outcome.path);
      case 'failed':
        return this.failed(outcome);
      case 'restless': {
        const message = `has kept changing for ${outcome.forMs / 1000} s; it is taken in once it stays the same`;
        return this.undecided(outcome.path, 'settle', { code: 'KEEPS_CHANGING', message });
      }
      case 'incomplete':
      case 'unreachable':
        return null;
    }
  }

  /** Calls may overlap; their writes keep their order. Rejects where the store refuses. */
  async commit(pairing: Pairing): Promise<Assembled> {
    const { leaving } = pairing;
    try {
      return await this.writes.commit(pairing);
    } finally {
      if (leaving !== null) this.files.hasGone(leaving, nameOf(leaving));
    }
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
    const removed = await Promise.all(
      unsupported
        .filter((key) => !this.isSupported(key, isReachable))
        .map((key) => this.writes.commit({ ...untouched, key, action: { do: 'remove' } })),
    );
    return {
      events: removed.flatMap(({ events }) => events),
      changes: removed.flatMap(({ changes }) => changes),
    };
  }

  private arrived({ path, record, ms }: FileReady): Pairing {
    const name = nameOf(path);
    const key = sampleKey(itemNamed(name));
    this.files.came(path, name);
    const there = this.files.of(name);
    const winner = there[0] ?? path;
    const { state, newlyLeftOut } = leaveOutDuplicates(this.states.of(key), there, winner);
    this.states.set(key, state);
    const message = `is left out: ${winner} stands for the same ${name.id}`;
    const events = newlyLeftOut.map((duplicate) =>
      failure(duplicate, 'pair', { code: 'DUPLICATE_ID', message }),
    );
    if (winner !== path) return { ...untouched, key, events };
    const { action, told } = this.join(key, name, record);
    return { ...untouched, key, action, events: [...events, ...told], ms };
  }

  private lost(path: string, events: readonly PipelineEvent[] = []): Pairing {
    const name = nameOf(path);
    const key = sampleKey(itemNamed(name));
    const [before] = this.files.of(name);
    this.files.goes(path);
    const [after] = this.files.of(name);
    this.states.set(key, withoutDuplicate(this.states.of(key), path));
    if (before !== undefined && before === after) {
      return { ...untouched, key, events, leaving: path };
    }
    if (after !== undefined) this.states.set(key, withoutDuplicate(this.states.of(key), after));
    const { action, told } = this.join(key, name, this.recordOf(after));
    return { ...untouched, key, action, events: [...events, ...told], leaving: path };
  }

  private failed({ path, stage, failure: reason }: FileFailed): Pairing {
    const isUnknown = stage === 'cache' || reason.code === 'UNREADABLE';
    if (isUnknown) return this.undecided(path, stage, reason);
    return this.lost(path, [failure(path, stage, reason)]);
  }

  /** Nothing is known of what the file holds now: what was known of its sample stays. */
  private undecided(path: string, stage: FileFailed['stage'], reason: Failure): Pairing {
    const key = sampleKey(itemNamed(nameOf(path)));
    this.states.set(key, { ...this.states.of(key), isUndecided: true });
    return { ...untouched, key, events: [failure(path, stage, reason)] };
  }

  /** One half of a sample is now this file, or none. */
  private join(key: string, name: KnownName, file: FileRecord | null) {
    const { split, id } = itemNamed(name);
    const names = namesOf(split, id);
    const isMask = name.kind === 'train-mask';
    const there = {
      image: isMask ? this.recordOf(this.files.of(names.image)[0]) : file,
      mask: isMask ? file : names.mask && this.recordOf(this.files.of(names.mask)[0]),
      needsMask: names.mask !== null,
      stored: this.writes.storedOf(key),
      preprocessing: this.preprocessingName,
    };
    const { state, action, mismatch } = pair(this.states.of(key), there, file === null);
    this.states.set(key, state);
    const told = mismatch
      ? [failure(mismatch.path, 'pair', { code: 'MASK_SIZE_MISMATCH', message: mismatch.message })]
      : [];
    return { action, told };
  }

  private recordOf(path: string | undefined): FileRecord | null {
    return (path !== undefined && this.catalog.files.get(path)) || null;
  }

  private isSupported(key: string, isReachable: (split: Split) => boolean): boolean {
    const { split, id } = itemOf(key);
    if (!isReachable(split) || this.states.of(key).isUndecided) return true;
    const { image, mask } = namesOf(split, id);
    return this.files.of(image).length > 0 && (mask === null || this.files.of(mask).length > 0);
  }
}

function itemNamed({ kind, id }: KnownName): Pick<SampleRecord, 'split' | 'id'> {
  return { split: kind === 'test-image' ? 'test' : 'train', id };
}

function failure(
  path: string,
  stage: FileFailed['stage'] | 'pair',
  reason: Failure,
): PipelineEvent {
  return { type: 'item.failed', path, stage, ...reason };
}
