import type { AuditEvent, AuditedPair, PipelineEvent } from '../../events.js';
import { kaggleLayout } from '../../layout/kaggle.js';
import {
  type PreprocessingSettings,
  preprocessingKey,
  preprocessingOf,
} from '../../operators/fingerprint.js';
import { groupBy } from '../../operators/group-by.js';
import { type MaskShape, maskShapeOf } from '../../operators/mask-shape.js';
import { compareNaturally } from '../../operators/natural-order.js';
import { modifiedZScores, outlierScore } from '../../operators/outlier.js';
import { median } from '../../operators/statistics.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { SampleRecord } from '../../store/records.js';
import { TimeSlice } from '../time-slice.js';
import { splitBySubject, subjectOf } from '../training/training-split.js';
import { auditSubject } from './audit-subject.js';
import { doubtsOfPair, doubtsOfPairs } from './doubtful-masks.js';
import { identicalImages, nearIdenticalAcrossSubjects } from './duplicates.js';
import { SampleFiles } from './sample-files.js';

type Unreadable = AuditEvent['unreadable'][number];

/**
 * Looks through everything that has been taken in at this size. Reads the cache, computes nothing
 * with a model, changes nothing.
 *
 * @param unreadable what the intake refused
 */
export async function auditCatalog(
  catalog: Catalog,
  settings: Pick<Settings, 'folds'> & Partial<Pick<Settings, 'layout'>> & PreprocessingSettings,
  unreadable: readonly Unreadable[],
): Promise<AuditEvent> {
  const slice = new TimeSlice();
  const { size, folds } = settings;
  const files = new SampleFiles(
    catalog,
    preprocessingKey(preprocessingOf(settings)),
    settings.layout ?? kaggleLayout,
  );
  const pairs = files.current('train');
  const validating = new Set(splitBySubject(pairs, folds).validationSubjects);
  const contradictions: AuditEvent['contradictions'][number][] = [];
  const partialOverlaps: AuditedPair[] = [];
  const subjects: AuditEvent['subjects'][number][] = [];
  const doubts: AuditEvent['doubts'][number][] = [];
  const shapes: { sample: SampleRecord; shape: MaskShape }[] = [];
  const sharedMasks = new Set<string>();

  for (const [subject, samples] of [...groupBy(pairs, subjectOf)].sort(([a], [b]) =>
    compareNaturally(a, b),
  )) {
    const found = await auditSubject(samples, files, catalog.cache, size, slice);
    contradictions.push(...found.contradictions);
    partialOverlaps.push(...found.partialOverlaps);
    for (const sha of found.sharedMasks) sharedMasks.add(sha);
    for (const { sample, mask } of found.frames) {
      doubts.push(...doubtsOfPair(sample, mask, size, settings.maskKind ?? 'filled', files));
    }
    const outlined = found.frames.filter(({ isEmpty }) => !isEmpty);
    for (const { sample, mask } of outlined) {
      shapes.push({ sample, shape: maskShapeOf(mask, size) });
      if (slice.isOver) await slice.yield();
    }
    subjects.push({
      subject,
      pairs: samples.length,
      empty: samples.length - outlined.length,
      leftOut: found.contradictions.length,
      validates: validating.has(subject),
    });
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
    copiedMasks: copiedMasks(outlined, sharedMasks).map((samples) => ({
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
    doubts: [...doubtsOfPairs(pairs.length, outlined.length), ...doubts],
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
  shared: ReadonlySet<string>,
): SampleRecord[][] {
  return [...groupBy(outlined, ({ maskSha }) => maskSha ?? '')].flatMap(([sha, same]) => {
    const isOneImage = new Set(same.map(({ imageSha }) => imageSha)).size === 1;
    return same.length > 1 && !isOneImage && !shared.has(sha) ? [same] : [];
  });
}
