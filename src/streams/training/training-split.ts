import { dataFingerprint } from '../../operators/fingerprint.js';
import { parseImageName } from '../../operators/image-name.js';
import { compareNaturally } from '../../operators/natural-order.js';
import { type Subject, validationSubjects } from '../../operators/subject-folds.js';
import type { SampleRecord } from '../../store/records.js';
import { fingerprintsIn, type TrainedOn } from '../../store/trained-on.js';

/** The pairs of one training, fixed when it starts: what arrives later waits for the next. */
export interface RunSamples {
  readonly training: readonly SampleRecord[];
  readonly validation: readonly SampleRecord[];
}

export interface TrainingSplit extends RunSamples {
  readonly subjects: number;
  /** Ascending. */
  readonly validationSubjects: readonly Subject[];
  /** Of all pairs. */
  readonly fingerprint: string;
}

/** The fold of `--folds` that validates. */
const validationFold = 0;

/** Whole subjects validate, chosen by hash: no image ever moves between the two when data is added. */
export function splitBySubject(pairs: readonly SampleRecord[], folds: number): TrainingSplit {
  const subjects = new Set(pairs.map(subjectOf));
  const validating = validationSubjects(subjects, { folds, fold: validationFold });
  return splitOf({
    training: pairs.filter((pair) => !validating.has(subjectOf(pair))),
    validation: pairs.filter((pair) => validating.has(subjectOf(pair))),
  });
}

/** The pairs of a repetition and which of them validate: as they were, whatever the folds say now. */
export function repeatedSplit(pairs: readonly SampleRecord[], samples: TrainedOn): TrainingSplit {
  const recorded = pairs.filter(({ id }) => id in fingerprintsIn(samples));
  return splitOf({
    training: recorded.filter(({ id }) => !(id in samples.validation)),
    validation: recorded.filter(({ id }) => id in samples.validation),
  });
}

export function splitOf({ training, validation }: RunSamples): TrainingSplit {
  const pairs = [...training, ...validation];
  return {
    training,
    validation,
    subjects: subjectsOf(pairs).length,
    validationSubjects: subjectsOf(validation),
    fingerprint: dataFingerprint(pairs),
  };
}

export function pairsOf({ training, validation }: RunSamples): SampleRecord[] {
  return [...training, ...validation];
}

export function subjectOf({ id, subject }: Pick<SampleRecord, 'id' | 'subject'>): Subject {
  if (subject !== undefined) return subject;
  // A frame shows whom its file shows.
  const name = parseImageName(`train/${id.replace(/#\d+$/, '')}.tif`);
  if (name.kind !== 'train-image') throw new Error(`${id} is no training sample`);
  return name.subject;
}

/** Each once, ascending. */
export function subjectsOf(samples: readonly SampleRecord[]): Subject[] {
  return [...new Set(samples.map(subjectOf))].sort(compareNaturally);
}

/** Sample id to fingerprint. */
export function fingerprintsOf(samples: readonly SampleRecord[]): Record<string, string> {
  return Object.fromEntries(samples.map(({ id, fingerprint }) => [id, fingerprint]));
}
