import { basename, dirname, join } from 'node:path';
import type { Compute } from '../../compute/compute.js';
import type { MaskPrior } from '../../operators/mask-prior.js';
import { untunedPostProcessing } from '../../operators/post-processing.js';
import { tuningRulesVersion } from '../../operators/tune-post-processing.js';
import { clearResumable } from '../../store/checkpoints.js';
import { type HeldOut, readHeldOut, writeHeldOut } from '../../store/held-out.js';
import { priorInUse } from '../prediction/model-prior.js';
import { predictSamples } from '../prediction/predict-samples.js';
import { trainRecipe } from '../training/train-recipe.js';
import type { TrainingMeans } from '../training/train-to-end.js';
import { tuneOn } from '../training/tune-on.js';
import type { EvaluationFold, EvaluationPlan } from './evaluation-plan.js';

export interface FoldOptions extends TrainingMeans {
  readonly compute: Pick<Compute, 'train' | 'predictBy'>;
  readonly plan: Pick<EvaluationPlan, 'fingerprint' | 'folds'>;
  /** Where this fold's checkpoints, models and predictions are kept. */
  readonly folder: string;
}

export interface EvaluatedModel {
  readonly heldOut: HeldOut;
  /** The model's, where its post-processing makes use of it. */
  readonly prior: MaskPrior | null;
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
  const { catalog, compute, settings, recipe, plan, folder } = options;
  const standing = await readHeldOut(folder);
  if (standing.status === 'found' && standing.value.record.tuningVersion === tuningRulesVersion) {
    return await evaluated(standing.value, folder, true);
  }
  const task = {
    runId: `evaluation-${plan.fingerprint.slice(0, 8)}-s${seed}-f${fold.number}`,
    seed,
    reason: 'requested' as const,
    training: fold.training,
    validation: fold.validation,
    fold: { index: fold.number - 1, count: plan.folds.length },
    folder,
  };
  const trained = await trainRecipe(task, options);
  if (trained === null) return null;
  const untuned = untunedPostProcessing(recipe);
  const tuned = await tuneOn(trained.models, catalog.cache, compute, settings, untuned);
  const predictions = await predictSamples(
    fold.heldOut,
    catalog.cache,
    (images) => compute.predictBy(trained.folder, images),
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
      tuningVersion: tuningRulesVersion,
      tuning: tuned && { images: tuned.images, before: tuned.before, after: tuned.after },
    },
    ...predictions,
  };
  await writeHeldOut(folder, heldOut);
  for (const model of trained.models) await clearResumable(dirname(model.folder));
  return await evaluated(heldOut, folder, false);
}

async function evaluated(
  heldOut: HeldOut,
  folder: string,
  isKept: boolean,
): Promise<EvaluatedModel> {
  const { modelFolder, postProcessing } = heldOut.record;
  const prior = await priorInUse(join(folder, modelFolder), postProcessing);
  return { heldOut, prior, isKept };
}
