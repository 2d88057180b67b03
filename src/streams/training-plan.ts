import type { TrainReason } from '../events.js';
import type { ModelCard } from '../model/card.js';
import { dataFingerprint } from '../operators/fingerprint.js';
import { validationSubjects } from '../operators/fold.js';
import { parseImageName } from '../operators/image-name.js';
import type { Settings } from '../settings/options.js';
import type { TrainingSet } from '../store/cache.js';
import type { SampleRecord } from '../store/records.js';
import type { RunSamples } from './batches.js';

/** Fewer pairs than this teach nothing. */
export const LEAST_PAIRS = 4;
/** With `--retrain auto`, a new training pays when this share of the pairs is new, changed or gone. */
export const RETRAIN_SHARE = 0.1;
/** The fold of `--folds` that validates. */
const VALIDATION_FOLD = 0;

export type TrainingDecision =
  | { readonly train: true; readonly reason: TrainReason }
  | {
      readonly train: false;
      readonly why: 'current' | 'too-few-pairs' | 'policy' | 'little-changed' | 'failed';
    };

export interface TrainingSituation {
  readonly policy: Settings['retrain'];
  /** A person asked, by key or command: policy and thresholds do not count. */
  readonly isRequested: boolean;
  readonly pairs: readonly SampleRecord[];
  /** The model that serves, or would; null when there is none. */
  readonly model: { readonly card: ModelCard; readonly trainedOn: TrainingSet } | null;
  /** A checkpoint of an interrupted run that fits these settings. */
  readonly canResume: boolean;
  readonly settings: Pick<Settings, 'recipe' | 'size'>;
}

/** Whether to train now, and why. */
export function decideTraining(situation: TrainingSituation): TrainingDecision {
  const { policy, isRequested, pairs, model, canResume, settings } = situation;
  if (pairs.length < LEAST_PAIRS) return { train: false, why: 'too-few-pairs' };
  if (isRequested) return { train: true, reason: 'requested' };
  if (policy !== 'auto') return { train: false, why: 'policy' };
  if (canResume) return { train: true, reason: 'resumed' };
  if (model === null) return { train: true, reason: 'no-model' };
  if (!fitsSettings(model.card, settings)) return { train: true, reason: 'settings-changed' };
  const changed = changedPairs(pairs, model.trainedOn);
  if (changed === 0) return { train: false, why: 'current' };
  return changed >= Math.max(1, pairs.length * RETRAIN_SHARE)
    ? { train: true, reason: 'data-changed' }
    : { train: false, why: 'little-changed' };
}

/** Whether a model can read the cached pixels and was made the way the settings ask for. */
export function fitsSettings(
  card: Pick<ModelCard, 'size' | 'recipe'>,
  settings: Pick<Settings, 'recipe' | 'size'>,
): boolean {
  return (
    card.recipe === settings.recipe &&
    card.size.height === settings.size.height &&
    card.size.width === settings.size.width
  );
}

/** New, changed and removed pairs since a run. */
export function changedPairs(pairs: readonly SampleRecord[], trainedOn: TrainingSet): number {
  const kept = pairs.filter((pair) => trainedOn[pair.id] === pair.fingerprint).length;
  const newOrChanged = pairs.length - kept;
  const ids = new Set(pairs.map((pair) => pair.id));
  const removed = Object.keys(trainedOn).filter((id) => !ids.has(id)).length;
  return newOrChanged + removed;
}

export interface Split extends RunSamples {
  readonly subjects: number;
  readonly validationSubjects: readonly number[];
  readonly fingerprint: string;
}

/** Whole subjects validate, chosen by hash: no image ever moves between the two when data is added. */
export function splitBySubject(pairs: readonly SampleRecord[], folds: number): Split {
  const subjects = new Set(pairs.map(subjectOf));
  const validating = validationSubjects(subjects, { folds, fold: VALIDATION_FOLD });
  return {
    training: pairs.filter((pair) => !validating.has(subjectOf(pair))),
    validation: pairs.filter((pair) => validating.has(subjectOf(pair))),
    subjects: subjects.size,
    validationSubjects: [...validating].sort((a, b) => a - b),
    fingerprint: dataFingerprint(pairs),
  };
}

export function subjectOf({ id }: Pick<SampleRecord, 'id'>): number {
  const name = parseImageName(`train/${id}.tif`);
  if (name.kind !== 'train-image') throw new Error(`${id} is no training sample`);
  return name.subject;
}
