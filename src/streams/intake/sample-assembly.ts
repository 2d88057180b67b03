import type { PipelineEvent, Split } from '../../events.js';
import type { Layout } from '../../layout/file-role.js';
import { kaggleLayout } from '../../layout/kaggle.js';
import { type Preprocessing, preprocessingKey } from '../../operators/fingerprint.js';
import { leaveOutDuplicates, pair, withoutDuplicate } from '../../operators/pair.js';
import type { Failure } from '../../operators/result.js';
import type { Catalog } from '../../store/catalog.js';
import { partOf } from '../../store/part-path.js';
import { type FileRecord, type SampleRecord, sampleKey } from '../../store/records.js';
import { isSameFile } from './content-hash.js';
import type { FileFailed, FileOutcome, FileReady } from './file-in-hand.js';
import { FilesThere } from './files-there.js';
import { type ImageItem, type Item, itemAt, samplesOf } from './item.js';
import { SampleStates } from './sample-states.js';
import {
  type Assembled,
  itemOf,
  type PairedFile,
  type Pairing,
  SampleWrites,
} from './sample-writes.js';
import type { Spacings } from './spacings.js';

export type { Assembled, PairedFile, Pairing, SampleChange } from './sample-writes.js';

const nothing = { action: { do: 'nothing' }, subject: undefined } as const;
const calm = { events: [], ms: 0, leaving: null, staleMask: null } as const;
const untouched = { ...nothing, ...calm, key: null } as const;
/** Samples looked at in one go; in between others have their turn. */
const looksAtOnce = 500;

type SampleName = Pick<SampleRecord, 'split' | 'id'>;

/** What has happened to a half of a sample. */
interface Change {
  /** A file went and none took its place. */
  readonly isLoss?: boolean;
  /** Nothing more comes with it. */
  readonly isLast?: boolean;
  readonly arrived?: { readonly record: FileRecord; readonly item: Item } | undefined;
}

/**
 * Joins files to samples: an image and its mask in train, an image alone in test. Where the layout
 * does not tell train from test, an image without a mask is one to predict, as soon as all that
 * came with it has come. Compares each with what the catalog holds, so that every change has its reason and none happens twice. What
 * follows from that is decided in `pair`; here is only what that has to know.
 */
export class SampleAssembly {
  private readonly states: SampleStates;
  private readonly files: FilesThere;
  private readonly writes: SampleWrites;
  private readonly preprocessingName: string;
  /** Images that may be to predict, if no mask comes: their paths by id. */
  private readonly unmatched = new Map<string, string>();

  constructor(
    private readonly catalog: Catalog,
    preprocessing: Preprocessing,
    masksFolder: string,
    private readonly layout: Layout = kaggleLayout,
    private readonly spacings?: Pick<Spacings, 'withSpacing'>,
  ) {
    this.preprocessingName = preprocessingKey(preprocessing);
    this.states = new SampleStates(catalog.samples.keys());
    this.files = new FilesThere(catalog.files, this.preprocessingName, layout);
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

  /** Images for which no mask has come: from now on they are to be predicted. */
  takeUnmatched(): PairedFile[] {
    const images = [...this.unmatched];
    this.unmatched.clear();
    return images.map(([id, path]) => this.pairAgain({ split: 'test', id }, path, true));
  }

  /** All samples once more, for what has changed without a file of theirs: their pixel sizes. */
  async *pairAllAgain(): AsyncGenerator<PairedFile> {
    let looks = 0;
    for (const sample of this.catalog.samples.values()) {
      if (++looks % looksAtOnce === 0) await new Promise(setImmediate);
      const [path] = this.files.imageOf(sample);
      if (path !== undefined) yield this.pairAgain(sample, path, false);
    }
  }

  private pairAgain(sample: SampleName, path: string, isLast: boolean): PairedFile {
    const { told, ...joined } = this.join(sample, { isLast });
    const pairing = { ...untouched, ...joined, key: sampleKey(sample), events: told };
    return { outcome: { type: 'ready', path }, pairing };
  }

  /** Each has to be committed before the next outcome is asked for. */
  pair(outcome: FileOutcome): readonly Pairing[] {
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
        return [];
    }
  }

  /** Calls may overlap; their writes keep their order. Rejects where the store refuses. */
  async commit(pairing: Pairing): Promise<Assembled> {
    const { leaving } = pairing;
    try {
      return await this.writes.commit(pairing);
    } finally {
      if (leaving !== null) this.files.hasGone(leaving);
    }
  }

  /** Removes a sample without files from the store. */
  async remove(key: string): Promise<Assembled> {
    return await this.writes.commit({ ...untouched, key, action: { do: 'remove' } });
  }

  private arrived({ path, record, ms }: FileReady): readonly Pairing[] {
    const item = itemAt(this.layout, path);
    if (item === null) return [untouched];
    // A file in parts stands for nothing itself, and no longer for what it has been.
    if (record.kind === 'parts') {
      const staleMask = item.half === 'image' ? this.files.staleMask(item, null) : null;
      return this.joinAll(samplesOf(item, this.layout), true, { ...untouched, ms, staleMask });
    }
    this.files.came(path, item);
    const there = this.files.of(item);
    const winner = there[0] ?? path;
    const keys = samplesOf(item, this.layout);
    const key = keys[0]!;
    const { state, newlyLeftOut } = leaveOutDuplicates(this.states.of(key), there, winner);
    this.states.set(key, state);
    const message = `is left out: ${winner} stands for the same ${item.id}`;
    // Kaggle's set comes with its masks as pictures and in a table: there is nothing to say of it.
    const files = newlyLeftOut.filter((path) => itemAt(this.layout, partOf(path).file) !== null);
    const events = files.map((duplicate) =>
      failure(duplicate, 'pair', { code: 'DUPLICATE_ID', message }),
    );
    if (winner !== path) return [{ ...untouched, key, events }];
    return this.joinAll(keys, false, { ...untouched, events, ms }, { record, item });
  }

  private lost(path: string, events: readonly PipelineEvent[] = []): readonly Pairing[] {
    const item = itemAt(this.layout, path);
    if (item === null) return [{ ...untouched, events, leaving: path }];
    const [before] = this.files.of(item);
    this.files.goes(path);
    const [after] = this.files.of(item);
    const keys = samplesOf(item, this.layout);
    const key = keys[0]!;
    this.states.set(key, withoutDuplicate(this.states.of(key), path));
    if (before !== undefined && before === after) {
      return [{ ...untouched, key, events, leaving: path }];
    }
    if (after !== undefined) this.states.set(key, withoutDuplicate(this.states.of(key), after));
    const isLost = after === undefined && item.half === 'image';
    const staleMask = isLost ? this.files.staleMask(item, null) : null;
    return this.joinAll(keys, after === undefined, {
      ...untouched,
      events,
      leaving: path,
      staleMask,
    });
  }

  private failed({ path, stage, failure: reason }: FileFailed): readonly Pairing[] {
    const isUnknown = stage === 'cache' || reason.code === 'UNREADABLE';
    if (isUnknown) return this.undecided(path, stage, reason);
    return this.lost(path, [failure(path, stage, reason)]);
  }

  /** Nothing is known of what the file holds now: what was known of its samples stays. */
  private undecided(path: string, stage: FileFailed['stage'], reason: Failure): readonly Pairing[] {
    for (const each of [path, ...this.catalog.files.partsOf(path)]) {
      const item = itemAt(this.layout, each);
      for (const key of item === null ? [] : samplesOf(item, this.layout)) {
        this.states.set(key, { ...this.states.of(key), isUndecided: true });
      }
    }
    return [{ ...untouched, events: [failure(path, stage, reason)] }];
  }

  /** A half of these samples has come, has changed or has gone. */
  private joinAll(
    keys: readonly string[],
    isLoss: boolean,
    { events, ms, leaving, staleMask }: Omit<Pairing, 'key' | 'action' | 'subject'>,
    arrived?: Change['arrived'],
  ): readonly Pairing[] {
    return keys.map((key, index) => {
      const { told, ...decided } = this.join(itemOf(key), { isLoss, arrived });
      const joined = { ...untouched, ...decided, key };
      // All that one file does is one write; only the images of other layouts make two of it.
      if (index > 0) return { ...joined, events: told };
      const all = events.length === 0 ? told : [...events, ...told];
      return { ...joined, events: all, ms, leaving, staleMask: staleMask ?? decided.staleMask };
    });
  }

  private join(sample: SampleName, { isLoss = false, isLast = false, arrived }: Change) {
    const { split, id } = sample;
    const key = sampleKey(sample);
    const [imagePath, item] =
      arrived?.item.half === 'image'
        ? ([arrived.record.path, arrived.item] as const)
        : this.files.imageOf(sample);
    const image = arrived?.item.half === 'image' ? arrived.record : this.recordOf(imagePath);
    // What is only to be predicted has none.
    const mayHaveMask = split === 'train' || item?.split === 'either';
    const mask = mayHaveMask ? this.maskOf(id, arrived) : null;
    // Such an image is to train on with a mask, to predict without.
    const belongs = item?.split !== 'either' || (split === 'train') === (mask !== null);
    // A mask that has not been met yet since the start says nothing about its sample.
    const isElsewhere = !belongs && split === 'test';
    const stored = this.writes.storedOf(key);
    if (split === 'test' && item?.split === 'either' && belongs && !isLast && !stored) {
      this.unmatched.set(id, imagePath!);
      return { ...nothing, told: [], staleMask: null };
    }
    const staleMask = mask && image && arrived ? this.files.staleMask(arrived.item, image) : null;
    const there = {
      image: belongs && image ? (this.spacings?.withSpacing(image) ?? image) : null,
      mask: split === 'train' && staleMask === null ? mask : null,
      needsMask: split === 'train',
      stored,
      preprocessing: this.preprocessingName,
      subject: this.subjectOf(item, image),
    };
    const { state, action, mismatch } = pair(this.states.of(key), there, isLoss || isElsewhere);
    this.states.set(key, state);
    const told: PipelineEvent[] = mismatch
      ? [failure(mismatch.path, 'pair', { code: 'MASK_SIZE_MISMATCH', message: mismatch.message })]
      : [];
    if (action.do === 'store' && isSameFile(action.image, action.mask, this.catalog.files)) {
      const message = `${action.mask!.path} is the same file as its image.`;
      told.push({ type: 'notice', level: 'warning', code: 'MASK_IS_ITS_IMAGE', message });
    }
    return { action, subject: there.subject, told, staleMask };
  }

  private maskOf(id: string, arrived: Change['arrived']): FileRecord | null {
    if (arrived?.item.half === 'mask') return arrived.record;
    return this.recordOf(this.files.of({ half: 'mask', id })[0]);
  }

  /** Undefined where the id tells. */
  private subjectOf(item: ImageItem | null, image: FileRecord | null): string | undefined {
    if (item === null || this.layout.idsTellAll) return undefined;
    return this.layout.namesSubjects ? item.subject : (image?.patient ?? item.subject);
  }

  private recordOf(path: string | undefined): FileRecord | null {
    return (path !== undefined && this.catalog.files.get(path)) || null;
  }

  /** Of the image with an id, where it has been taken in. */
  imageOf(id: string): FileRecord | null {
    return this.files.recordOf(id);
  }

  /** Whether files are there for a stored sample; those of a folder out of reach may be. */
  isSupported(key: string, isReachable: (split: Split) => boolean): boolean {
    const { split, id } = itemOf(key);
    if (!isReachable(split) || this.states.of(key).isUndecided) return true;
    const [path, item] = this.files.imageOf({ split, id });
    if (path === undefined) return false;
    const hasMask = this.files.of({ half: 'mask', id }).length > 0;
    if (split === 'train') return hasMask;
    return item?.split !== 'either' || !hasMask;
  }
}

function failure(
  path: string,
  stage: FileFailed['stage'] | 'pair',
  reason: Failure,
): PipelineEvent {
  return { type: 'item.failed', path, stage, ...reason };
}
