import { basename, dirname } from 'node:path';
import type { Compute } from '../../compute/compute.js';
import { untunedPostProcessing } from '../../operators/post-processing.js';
import { tuningRulesVersion } from '../../operators/tune-post-processing.js';
import { clearResumable } from '../../store/checkpoints.js';
import { type HeldOut, readHeldOut, writeHeldOut } from '../../store/held-out.js';
import { predictSamples } from '../prediction/predict-samples.js';
import { cleanLabels, type KnownContradictions } from '../training/clean-labels.js';
import { ensembleSplits, pairsToLearnFrom, planMembers } from '../training/plan-ensemble.js';
import type { PredictBy } from '../training/predict-aside.js';
import { trainEnsemble } from '../training/train-ensemble.js';
import type { TrainedModel } from '../training/train-model.js';
import { trainUnlessFinished } from '../training/train-unless-finished.js';
import type { ModelTraining } from '../training/training-context.js';
import { pairsOf, splitOf } from '../training/training-split.js';
import { tuneOn } from '../training/tune-on.js';
import type { EvaluationFold, EvaluationPlan } from './evaluation-plan.js';

export interface FoldOptions extends ModelTraining {
  readonly compute: Pick<Compute, 'train' | 'predictBy'>;
  readonly memory: { readonly contradictions: KnownContradictions };
  readonly plan: Pick<EvaluationPlan, 'fingerprint' | 'folds'>;
  /** Where this fold's checkpoints, models and predictions are kept. */
  readonly folder: string;
}

export interface EvaluatedModel {
  readonly heldOut: HeldOut;
  /** An earlier run did all of it. */
  readonly isKept: boolean;
}

/**
 * A finished fold from its folder, else what is left to do of it: training (from its checkpoint
 * where an earlier run stopped), tuning on the validation subjects, prediction of those held out.
 * Null when the training was interrupted. Nothing of a held-out subject is read before the model
 * and its post-processing are fixed.
 */
export async function evaluateFold(
  fold: EvaluationFold,
  seed: number,
  options: FoldOptions,
): Promise<EvaluatedModel | null> {
  const { catalog, compute, settings, recipe, folder } = options;
  const earlier = await readHeldOut(folder);
  if (earlier.status === 'found' && earlier.value.record.tuningVersion === tuningRulesVersion) {
    return { heldOut: earlier.value, isKept: true };
  }
  const trained = await trainFold(fold, seed, options);
  if (trained === null) return null;
  const predictBy: PredictBy = (folder, images) => compute.predictBy(folder, images);
  const untuned = untunedPostProcessing(recipe);
  const tuned = await tuneOn(trained.validated, catalog.cache, predictBy, settings, untuned);
  const predictions = await predictSamples(
    fold.heldOut,
    catalog.cache,
    (images) => predictBy(trained.folder, images),
    settings,
  );
  const heldOut: HeldOut = {
    record: {
      format: 1,
      modelFolder: basename(trained.folder),
      bestEpoch: trained.bestEpoch,
      trainedMs: trained.trainedMs,
      ids: fold.heldOut.map(({ id }) => id),
      postProcessing: tuned?.settings ?? untuned,
      ...(tuned && { temperature: tuned.temperature }),
      tuningVersion: tuningRulesVersion,
      tuning: tuned && { images: tuned.images, before: tuned.before, after: tuned.after },
    },
    ...predictions,
  };
  await writeHeldOut(folder, heldOut);
  for (const model of trained.validated) await clearResumable(dirname(model.folder));
  return { heldOut, isKept: false };
}

/** What the recipe makes of a fold's training and validation subjects: one model, or an ensemble. */
async function trainFold(
  fold: EvaluationFold,
  seed: number,
  options: FoldOptions,
): Promise<TrainedModel | null> {
  const { plan, recipe, folder } = options;
  const split = splitOf(fold);
  const splits = ensembleSplits(pairsOf(split), recipe.models);
  const { kept, leftOut } = await cleanLabels(pairsToLearnFrom(split, recipe.models), options);
  const task = {
    runId: `evaluation-${plan.fingerprint.slice(0, 8)}-s${seed}-f${fold.number}`,
    seed,
    reason: 'requested',
    folder,
  } as const;
  if (splits.length > 0) return await trainEnsemble(planMembers(splits, leftOut, task), options);
  return await trainUnlessFinished(
    {
      ...task,
      split,
      cleaned: { kept, leftOut },
      fold: { index: fold.number - 1, count: plan.folds.length },
      beginning: { type: 'anew', why: null },
    },
    options,
  );
}
