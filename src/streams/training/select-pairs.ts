import {
  type PreprocessingSettings,
  preprocessingKey,
  preprocessingOf,
} from '../../operators/fingerprint.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { SampleRecord } from '../../store/records.js';
import type { TrainedOn } from '../../store/trained-on.js';
import { repeatedSplit, splitBySubject, type TrainingSplit } from './training-split.js';

/** What there is to train on now, and which of it validates; of a repeated training, what it had. */
export function selectPairs(
  catalog: Catalog,
  settings: Pick<Settings, 'folds'> & PreprocessingSettings,
  repetition?: { readonly samples: TrainedOn | null },
): TrainingSplit {
  const pairs = currentPairs(catalog, settings);
  const recorded = repetition?.samples ?? null;
  return recorded === null ? splitBySubject(pairs, settings.folds) : repeatedSplit(pairs, recorded);
}

/** Pairs that are cached as today's preprocessing makes them at this size. */
export function currentPairs(catalog: Catalog, settings: PreprocessingSettings): SampleRecord[] {
  const preprocessing = preprocessingKey(preprocessingOf(settings));
  return [...catalog.samplesOf('train')].filter((pair) => pair.preprocessing === preprocessing);
}
