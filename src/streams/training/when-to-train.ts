import type { TrainReason } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import type { Settings } from '../../settings/options.js';
import type { TrainingSet } from '../../store/cache-parts.js';
import type { SampleRecord } from '../../store/records.js';
import { subjectOf } from './training-split.js';

/** Fewer pairs than this teach nothing. */
export const leastPairs = 4;

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
  /** Whether there is a model that predicts, or would. */
  readonly hasModel: boolean;
  /** The last training that was done to its end, whether or not its model came to serve. */
  readonly last: LastTraining | null;
  /** A checkpoint of an interrupted run that fits these settings. */
  readonly canResume: boolean;
  /** A training on this very data failed, and not for want of something that may come back. */
  readonly hasFailed: boolean;
  readonly settings: Pick<Settings, 'recipe' | 'size' | 'retrainPairs' | 'retrainPercent'>;
}

export interface LastTraining extends Pick<ModelCard, 'recipe' | 'size'> {
  readonly trainedOn: TrainingSet;
}

/** Whether to train now, and why. */
export function decideTraining(situation: TrainingSituation): TrainingDecision {
  const decision = decideByData(situation);
  const isHopeless = situation.hasFailed && !situation.isRequested;
  return decision.train && isHopeless ? { train: false, why: 'failed' } : decision;
}

function decideByData(situation: TrainingSituation): TrainingDecision {
  const { policy, isRequested, pairs, hasModel, last, canResume, settings } = situation;
  if (pairs.length < leastPairs) return { train: false, why: 'too-few-pairs' };
  if (isRequested) return { train: true, reason: 'requested' };
  if (policy !== 'auto') return { train: false, why: 'policy' };
  if (canResume) return { train: true, reason: 'resumed' };
  if (!hasModel || last === null) return { train: true, reason: 'no-model' };
  if (!fitsSettings(last, settings)) return { train: true, reason: 'settings-changed' };
  const changed = changedPairs(pairs, last.trainedOn);
  if (changed === 0) return { train: false, why: 'current' };
  const share = settings.retrainPercent / 100;
  return changed >= Math.max(settings.retrainPairs, pairs.length * share)
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

/**
 * New, changed and removed pairs since a run. One that only has another name within its subject
 * teaches the same as before.
 */
export function changedPairs(pairs: readonly SampleRecord[], trainedOn: TrainingSet): number {
  const fingerprints = new Map(pairs.map(({ id, fingerprint }) => [id, fingerprint]));
  const other = pairs.filter(({ id, fingerprint }) => trainedOn[id] !== fingerprint);
  const gone = Object.entries(trainedOn).filter(([id, was]) => fingerprints.get(id) !== was);
  const goneContents = new Map<string, string[]>();
  for (const [id, fingerprint] of gone) {
    const content = `${subjectOf({ id })} ${fingerprint}`;
    goneContents.set(content, [...(goneContents.get(content) ?? []), id]);
  }
  const changed = new Set(gone.map(([id]) => id));
  for (const { id, fingerprint } of other) {
    const before = goneContents.get(`${subjectOf({ id })} ${fingerprint}`)?.pop();
    if (before === undefined) changed.add(id);
    else changed.delete(before);
  }
  return changed.size;
}
