import { Observable } from 'rxjs';
import type { TrainReason } from '../events.js';
import { recipeOf } from '../settings/recipe-of-settings.js';
import { cleanLabels } from './training/clean-labels.js';
import { compareModels } from './training/compare-models.js';
import { type EarlierTrainings, findEarlierTrainings } from './training/find-earlier-trainings.js';
import { failureOf, isTransient } from './training/is-transient.js';
import { pairsToLearnFrom } from './training/plan-ensemble.js';
import { planTraining } from './training/plan-training.js';
import { predictAside } from './training/predict-aside.js';
import { postpone, publish } from './training/publish.js';
import { selectPairs } from './training/select-pairs.js';
import { trainPlan } from './training/train-plan.js';
import type { TrainingContext, TrainingInHand } from './training/training-context.js';
import { TrainingMemory } from './training/training-memory.js';
import type { TrainingOutcome, TrainingSignal } from './training/training-signal.js';
import { pairsOf, type TrainingSplit } from './training/training-split.js';
import { tune } from './training/tune.js';
import { decideTraining } from './training/when-to-train.js';

export type { TrainingContext } from './training/training-context.js';
export type { TrainingOutcome, TrainingSignal } from './training/training-signal.js';

export interface TrainingRequest {
  /** A person asked: policy and thresholds do not count. */
  readonly isRequested: boolean;
}

/**
 * The second of three pages: from the cache to the model that predicts.
 *
 *     cache ─> select ─> decide ─> clean ─> plan ─> train ─> tune ─> compare ─> publish ─> model
 *       └───────────── batches, pulled ──────────────┘ └──────── best so far ───────────────┘
 *
 * Batches are pulled: the compute process asks for each one, and at most two wait there
 * (backpressure), so that a cache of any size trains in bounded memory.
 *
 * Batches are uint8 pixels as they are cached; the compute process normalises them. So a quarter of
 * the bytes cross over, and mean and deviation are those of the model's own training images, saved
 * with it: a model never depends on what the folder holds today.
 */
async function cacheToModel(
  request: TrainingRequest,
  context: TrainingInHand,
): Promise<TrainingOutcome> {
  const { catalog, emit, memory, repetition, settings, stopping, tell } = context;
  const split = selectPairs(catalog, settings, repetition);
  const before = await findEarlierTrainings(split, context);
  const decision = decideTraining({
    ...request,
    policy: settings.retrain,
    pairs: pairsOf(split),
    hasModel: before.current !== null,
    last: before.last,
    canResume: before.checkpoint !== null,
    hasFailed: memory.hasFailedOn(split.fingerprint),
    settings,
  });
  if (!decision.train) return { type: 'not-due', why: decision.why };
  if (stopping.aborted) return { type: 'interrupted' };
  tell({ type: 'started', reason: decision.reason });
  for (const event of before.news) emit(event);
  try {
    return await trainOn(split, decision.reason, before, context);
  } catch (error) {
    if (!isTransient(failureOf(error).code)) memory.failedOn(split.fingerprint);
    throw error;
  }
}

/** Null of a step: it was interrupted, and what is needed to go on is saved. */
async function trainOn(
  split: TrainingSplit,
  reason: TrainReason,
  before: EarlierTrainings,
  context: TrainingInHand,
): Promise<TrainingOutcome> {
  const { compute, recipe, registry, stopping } = context;
  const { leftOut } = await cleanLabels(pairsToLearnFrom(split, recipe.models), context);
  const plan = await planTraining(split, leftOut, reason, before, context);
  const trained = await trainPlan(plan, context);
  if (trained === null) return { type: 'interrupted' };
  return await registry.inTurn(async () => {
    const judged = await predictAside(compute, stopping, async (predictBy) => {
      const tuned = await tune(trained, predictBy, context);
      const verdict = await compareModels(tuned, split.validation, predictBy, context);
      return { tuned, verdict };
    });
    if (judged === null) return await postpone(trained, plan, context);
    return await publish(judged, plan, split, context);
  });
}

export type CacheToModel = (request: TrainingRequest) => Observable<TrainingSignal>;

/**
 * Trains when that is due, from the cache to the current model. One at a time; to stop it is to
 * abort `stopping`, not to unsubscribe. What one training leaves for the next (what cleaning found,
 * data that failed) is remembered as long as this function.
 */
export function makeCacheToModel(context: TrainingContext): CacheToModel {
  const { compute, settings, stopping } = context;
  const memory = new TrainingMemory();
  const interrupt = () => void compute.interrupt();
  return (request) =>
    new Observable((subscriber) => {
      const training: TrainingInHand = {
        ...context,
        recipe: recipeOf(settings),
        memory,
        tell: (signal) => subscriber.next(signal),
      };
      stopping.addEventListener('abort', interrupt);
      void cacheToModel(request, training)
        .catch((error: unknown) => {
          const { code, message } = failureOf(error);
          training.emit({ type: 'train.failed', code, message });
          return { type: 'failed', code, message, isTransient: isTransient(code) } as const;
        })
        .then((outcome) => {
          stopping.removeEventListener('abort', interrupt);
          subscriber.next({ type: 'ended', outcome });
          subscriber.complete();
        });
    });
}
