import type { AuditEvent, AuditedFile, AuditedPair, PipelineEvent } from '../../events.js';
import { chooseLeftOut, isContradiction } from '../../operators/contradiction.js';
import { preprocessingKey, preprocessingOf } from '../../operators/fingerprint.js';
import { parseImageName } from '../../operators/image-name.js';
import { type MaskShape, maskShapeOf } from '../../operators/mask-shape.js';
import { modifiedZScores, outlierScore } from '../../operators/outlier.js';
import { median } from '../../operators/statistics.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { FileRecord, SampleRecord } from '../../store/records.js';
import { TimeSlice } from '../time-slice.js';
import { bySubject, nearPairs, readFrames } from '../training/near-frames.js';
import { splitBySubject } from '../training/training-split.js';
import { identicalImages, nearIdenticalAcrossSubjects } from './duplicates.js';

/** Outlines of one thing, drawn twice with care, overlap by more. */
const goodAgreement = 0.7;

type Unreadable = AuditEvent['unreadable'][number];

/**
 * Looks through everything that has been taken in at this size. Reads the cache, computes nothing
 * with a model, changes nothing.
 *
 * @param unreadable what the intake refused
 */
export async function auditCatalog(
  catalog: Catalog,
  { size, folds }: Pick<Settings, 'size' | 'folds'>,
  unreadable: readonly Unreadable[],
): Promise<AuditEvent> {
  const slice = new TimeSlice();
  const files = new SampleFiles(catalog, preprocessingKey(preprocessingOf(size)));
  const pairs = files.current('train');
  const validating = new Set(splitBySubject(pairs, folds).validationSubjects);
  const contradictions: AuditEvent['contradictions'][number][] = [];
  const partialOverlaps: AuditedPair[] = [];
  const subjects: AuditEvent['subjects'][number][] = [];
  const shapes: { sample: SampleRecord; shape: MaskShape }[] = [];
  const inPlace = new Set<string>();

  for (const [subject, samples] of [...bySubject(pairs)].sort(([a], [b]) => a - b)) {
    const frames = await readFrames(catalog.cache, size, samples, slice);
    const near = await nearPairs(frames, size, slice);
    const isEmpty = frames.map((frame) => frame.isEmpty);
    const leftOut = chooseLeftOut(isEmpty, near);
    for (const { index, against, reason, similarity, dice } of leftOut) {
      const sample = frames[index]!.sample;
      const other = frames[against]!.sample;
      contradictions.push({
        reason,
        image: files.imageOf(sample),
        mask: files.maskOf(sample).file,
        against: files.imageOf(other),
        againstMask: files.maskOf(other).file,
        similarity,
        dice,
      });
    }
    for (const pair of near) {
      const [first, second] = [frames[pair.a]!, frames[pair.b]!];
      if (first.sample.maskSha === second.sample.maskSha) inPlace.add(first.sample.maskSha ?? '');
      if (first.isEmpty || second.isEmpty || isContradiction(pair)) continue;
      if (pair.dice >= goodAgreement) continue;
      const { similarity, dice } = pair;
      const [a, b] = [files.maskOf(first.sample), files.maskOf(second.sample)];
      partialOverlaps.push({ first: a, second: b, similarity, dice });
    }
    for (const { sample, mask, isEmpty: hasNone } of frames) {
      if (!hasNone) shapes.push({ sample, shape: maskShapeOf(mask, size) });
      if (slice.isOver) await slice.yield();
    }
    const empty = isEmpty.filter(Boolean).length;
    const validates = validating.has(subject);
    subjects.push({ subject, pairs: samples.length, empty, leftOut: leftOut.length, validates });
  }

  const duplicates = [
    ...identicalImages([...pairs, ...files.current('test')]),
    ...(await nearIdenticalAcrossSubjects(catalog.cache, size, pairs, slice)),
  ];
  const outlined = shapes.map(({ sample }) => sample);
  const scores = modifiedZScores(shapes.map(({ shape }) => Math.log(shape.area)));
  return {
    type: 'audit.done',
    size: `${size.height}x${size.width}`,
    pairs: pairs.length,
    testImages: files.current('test').length,
    emptyMasks: pairs.length - outlined.length,
    contradictions,
    partialOverlaps,
    duplicates: duplicates.map(({ kind, first, second, similarity }) => ({
      kind,
      first: files.imageOf(first),
      second: files.imageOf(second),
      similarity,
    })),
    copiedMasks: copiedMasks(outlined, inPlace).map((samples) => ({
      masks: samples.map((sample) => files.maskOf(sample)),
    })),
    subjects,
    sizes: {
      median: shapes.length === 0 ? null : median(shapes.map(({ shape }) => shape.area)),
      outliers: shapes.flatMap(({ sample, shape }, nth) => {
        const z = scores[nth]!;
        return Math.abs(z) > outlierScore
          ? [{ mask: files.maskOf(sample), area: shape.area, z }]
          : [];
      }),
    },
    atBorder: shapes
      .filter(({ shape }) => shape.touchesBorder)
      .map(({ sample }) => files.maskOf(sample)),
    inPieces: shapes
      .filter(({ shape }) => shape.pieces > 1)
      .map(({ sample, shape }) => ({ mask: files.maskOf(sample), pieces: shape.pieces })),
    unpaired: files.unpaired(),
    unreadable,
  };
}

/** What the intake said of files that it could not take in, or not in the end. */
export function unreadableOf(
  events: readonly PipelineEvent[],
  { files }: Pick<Catalog, 'files'>,
): Unreadable[] {
  return events.flatMap((event) => {
    if (event.type !== 'item.failed') return [];
    const { path, stage, code, message } = event;
    // It was still being written, and was taken in later.
    if (stage === 'settle' && files.has(path)) return [];
    return [{ file: path, code, message }];
  });
}

/** Samples with one mask file's bytes, but for near-identical images, whose masks may well be equal. */
function copiedMasks(
  outlined: readonly SampleRecord[],
  inPlace: ReadonlySet<string>,
): SampleRecord[][] {
  const byMask = new Map<string, SampleRecord[]>();
  for (const sample of outlined) {
    const sha = sample.maskSha ?? '';
    const same = byMask.get(sha);
    if (same === undefined) byMask.set(sha, [sample]);
    else same.push(sample);
  }
  return [...byMask].flatMap(([sha, same]) => {
    const isOneImage = new Set(same.map(({ imageSha }) => imageSha)).size === 1;
    return same.length > 1 && !isOneImage && !inPlace.has(sha) ? [same] : [];
  });
}

/** Which files make up which sample. */
class SampleFiles {
  private readonly paths = new Map<string, FileRecord[]>();

  constructor(
    private readonly catalog: Catalog,
    private readonly preprocessing: string,
  ) {
    for (const record of catalog.files.values()) {
      const name = parseImageName(record.path);
      if (name.kind === 'foreign') continue;
      const key = `${name.kind} ${name.id}`;
      const others = this.paths.get(key);
      if (others === undefined) this.paths.set(key, [record]);
      else others.push(record);
    }
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
    for (const [key, [record]] of this.paths) {
      const [kind, id] = key.split(' ') as [string, string];
      if (kind === 'train-image' && !this.paths.has(`train-mask ${id}`)) {
        found.push({ id, split: 'train', file: record!.path, missing: 'mask' });
      }
      if (kind === 'train-mask' && !this.paths.has(`train-image ${id}`)) {
        found.push({ id, split: 'train', file: record!.path, missing: 'image' });
      }
    }
    return found.sort((a, b) => compareIds(a.id, b.id));
  }

  /** Of several files for one sample, the one that it was made of. */
  private fileOf(key: string, sha256: string): string | undefined {
    const records = this.paths.get(key) ?? [];
    return (records.find((record) => record.sha256 === sha256) ?? records[0])?.path;
  }
}

/** `2_10` after `2_9`. */
function compareIds(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
