import { isDeepStrictEqual } from 'node:util';
import type { PipelineEvent } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import { batchSizeFor } from '../../model/recipe.js';
import type { Resumable } from '../../store/checkpoints.js';
import { retrainEpochsOf } from './plan-training.js';
import type { TrainingInHand } from './training-context.js';
import { resumableEvents } from './training-events.js';
import { fingerprintsOf, pairsOf, type TrainingSplit } from './training-split.js';
import { fitsSettings, type LastTraining } from './when-to-train.js';

/** What was there before this training. */
export interface EarlierTrainings {
  /** The model that predicts, or would. */
  readonly current: ModelCard | null;
  /** Its training, or a later one whose model was not better. */
  readonly last: LastTraining | null;
  /** Of an interrupted training of these very settings. */
  readonly checkpoint: Resumable | null;
  /** What is to be said if something is trained now. */
  readonly news: readonly PipelineEvent[];
}

export async function findEarlierTrainings(
  split: TrainingSplit,
  context: TrainingInHand,
): Promise<EarlierTrainings> {
  const current = await context.registry.currentCard();
  const { checkpoint, news } = await findCheckpoint(split, context);
  return { current, last: await lastTraining(current, split, context), checkpoint, news };
}

async function lastTraining(
  current: ModelCard | null,
  split: TrainingSplit,
  { catalog, registry }: TrainingInHand,
): Promise<LastTraining | null> {
  const rejected = await registry.lastRejected();
  // Run ids begin with the time; what was imported is no training.
  const isImported = current?.importedFrom !== undefined;
  const isRejectedLater =
    rejected !== null && (isImported || rejected.runId > (current?.runId ?? ''));
  const last = isRejectedLater ? rejected : current;
  if (last === null) return null;
  const { recipe, size, runId, dataFingerprint } = last;
  const recorded = await catalog.cache.trainingSetOf(runId);
  // Where the cache has been made anew, this still tells whether anything changed.
  const isSame = dataFingerprint === split.fingerprint;
  return { recipe, size, trainedOn: recorded ?? (isSame ? fingerprintsOf(pairsOf(split)) : {}) };
}

/** One of other settings is forgotten. */
async function findCheckpoint(
  split: TrainingSplit,
  { registry, settings, recipe }: TrainingInHand,
): Promise<Pick<EarlierTrainings, 'checkpoint' | 'news'>> {
  const look = await registry.interrupted();
  const news = resumableEvents(look);
  if (look.state !== 'found') return { checkpoint: null, news };
  const found = look.resumable;
  const epochs = found.startedFrom === null ? settings.epochs : retrainEpochsOf(settings);
  const isSame =
    fitsSettings({ recipe: found.recipe.name, size: found.size }, settings) &&
    isDeepStrictEqual(found.recipe, recipe) &&
    found.batchSize === batchSizeFor(recipe, found.pairs, settings.batchSize) &&
    found.epochs === epochs &&
    found.seed === settings.seed &&
    !(settings.fresh && found.startedFrom !== null) &&
    !split.validationSubjects.some((subject) => found.trainedSubjects.includes(subject));
  if (isSame) return { checkpoint: found, news };
  await registry.forgetInterrupted();
  return { checkpoint: null, news: [] };
}
