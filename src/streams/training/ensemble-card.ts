import type { ModelCard } from '../../model/card.js';
import { dataFingerprint, sha256 } from '../../operators/fingerprint.js';
import { compareNaturally } from '../../operators/natural-order.js';
import { meanOf } from '../../operators/statistics.js';
import type { EnsembleMember } from '../../store/ensemble-folder.js';
import { modelFolderName } from '../../store/model-folder.js';
import type { SampleRecord } from '../../store/records.js';

/**
 * The card of an ensemble. Its id ends with a hash of theirs; its metrics are the
 * means of theirs; no subject is held out from all of them.
 *
 * @param samples all that they have learnt from or were validated on
 */
export function ensembleCard(
  runId: string,
  members: readonly EnsembleMember[],
  samples: readonly SampleRecord[],
): ModelCard {
  const cards = members.map(({ card }) => card);
  const {
    startedFrom: _,
    leftOut: __,
    postProcessing: ___,
    temperature: ____,
    ...first
  } = cards[0]!;
  const hash = sha256(cards.map(({ modelId }) => modelId).join('\n')).slice(0, 8);
  const modelId = `${runId}-vote-${hash}`;
  const subjects = cards.flatMap(({ fold }) => fold.trainedSubjects ?? []);
  return {
    ...first,
    modelId,
    runId,
    folder: modelFolderName(modelId),
    fold: {
      index: 0,
      count: cards.length,
      validationSubjects: [],
      trainedSubjects: [...new Set(subjects)].sort(compareNaturally),
    },
    dataFingerprint: dataFingerprint(samples),
    pairs: samples.length,
    validationPairs: 0,
    epoch: Math.max(...cards.map(({ epoch }) => epoch)),
    metrics: {
      loss: meanOf(cards, ({ metrics }) => metrics.loss),
      trainDice: meanOf(cards, ({ metrics }) => metrics.trainDice),
      validationDice: meanOfAll(cards.map(({ metrics }) => metrics.validationDice)),
      validationImageDice: meanOfAll(cards.map(({ metrics }) => metrics.validationImageDice)),
    },
    voters: cards.length,
    createdAt: new Date().toISOString(),
  };
}

/** null where one has none. */
function meanOfAll(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : meanOf(known, (value) => value);
}
