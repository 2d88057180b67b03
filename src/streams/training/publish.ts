import type { CacheWrite } from '../../store/cache-writes.js';
import type { TrainingPlan } from './plan-training.js';
import type { Verdict } from './promotion-rule.js';
import type { TrainedModel } from './train-model.js';
import type { TrainingInHand } from './training-context.js';
import type { TrainingOutcome } from './training-signal.js';
import { fingerprintsOf, pairsOf, type RunSamples } from './training-split.js';

/** The new model or the one before predicts from now on; either way this training is over. */
export async function publish(
  { tuned, verdict }: { readonly tuned: TrainedModel; readonly verdict: Verdict },
  plan: TrainingPlan,
  split: RunSamples,
  context: TrainingInHand,
): Promise<TrainingOutcome> {
  const { catalog, emit, memory, registry, tell } = context;
  const { card, best, bestEpoch, trainedMs: ms } = tuned;
  const { modelId, runId } = card;
  const isPromoted = verdict.type === 'model.promoted';
  const fingerprints = fingerprintsOf(pairsOf(split));
  await catalog.commit([{ put: 'training-set', runId, fingerprints }]);
  const folder = await registry.adopt(tuned.folder);
  if (isPromoted) await registry.promote(card);
  else await registry.reject(card);
  await registry.forgetInterrupted();
  if (!isPromoted) await registry.removeModelsOf(runId);
  if (plan.type === 'ensemble') await registry.endEnsemble();
  await forgetTrainingSets(runId, context);
  memory.succeeded();
  emit({ type: 'train.done', modelId, best, bestEpoch, ms });
  emit(verdict);
  if (isPromoted) {
    tell({ type: 'model', card, folder, isFinal: true });
    // The last checkpoint still held on to an earlier epoch's.
    await registry.prune();
  }
  return { type: 'trained', model: card, isPromoted };
}

/** Stopped when it was trained but not judged: at the next start it is, after its last epoch once more. */
export async function postpone(
  { card }: TrainedModel,
  plan: TrainingPlan,
  { emit, registry }: TrainingInHand,
): Promise<TrainingOutcome> {
  const resumable = plan.type === 'ensemble' || (await registry.interrupted()).state === 'found';
  emit({ type: 'train.interrupted', epoch: card.epochs, step: 0, resumable });
  return { type: 'interrupted' };
}

/** But that of the last training and that of the model that predicts. */
async function forgetTrainingSets(
  runId: string,
  { catalog, registry }: Pick<TrainingInHand, 'catalog' | 'registry'>,
): Promise<void> {
  const current = await registry.currentCard();
  try {
    const outdated = (await catalog.cache.trainingRunIds()).filter(
      (id) => id !== runId && id !== current?.runId,
    );
    await catalog.commit(outdated.map((id): CacheWrite => ({ remove: 'training-set', runId: id })));
  } catch {
    // A full disk: left for the next training.
  }
}
