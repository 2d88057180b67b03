import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import type { Compute, TrainingRun } from '../compute/compute.js';
import type { PipelineEvent } from '../events.js';
import { batchSizeFor, type Recipe } from '../model/recipe.js';
import { dataFingerprint } from '../operators/fingerprint.js';
import { thresholdOnly } from '../operators/post-processing.js';
import { TUNING_VERSION } from '../operators/tune-post-processing.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import { clearResumable, findResumable, readBest, setPointer } from '../store/checkpoints.js';
import { type HeldOut, readHeldOut, writeHeldOut } from '../store/held-out.js';
import type { SampleRecord } from '../store/records.js';
import { batchSource } from './batches.js';
import type { EvaluationFold, EvaluationPlan } from './evaluation-plan.js';
import { cleanedEvent, type LabelCleaning, trainedOnOf } from './label-cleaning.js';
import { predictSamples } from './predict-samples.js';
import { trainingEvents } from './training-events.js';
import { normalisationOfSamples } from './training-inputs.js';
import { subjectOf } from './training-plan.js';
import { tuneOn } from './tune-on.js';

export interface FoldOptions {
  readonly catalog: Catalog;
  readonly compute: Pick<Compute, 'train' | 'serve' | 'predict'>;
  readonly cleaning: LabelCleaning;
  readonly settings: Pick<Settings, 'size' | 'batchSize' | 'epochs'>;
  readonly recipe: Recipe;
  readonly plan: EvaluationPlan;
  /** Where this fold's checkpoints, model and predictions are kept. */
  readonly folder: string;
  readonly emit: (event: PipelineEvent) => void;
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
): Promise<{ heldOut: HeldOut; isKept: boolean } | null> {
  const standing = await readHeldOut(options.folder);
  if (standing.status === 'found' && standing.value.record.tuningVersion === TUNING_VERSION) {
    return { heldOut: standing.value, isKept: true };
  }
  const trained = await trainedModel(fold, seed, options);
  if (trained === null) return null;
  const { catalog, compute, settings, recipe, folder } = options;
  const card = await compute.serve(join(folder, trained.modelFolder));
  const untuned = thresholdOnly(recipe.threshold);
  const tuned = await tuneOn(fold.validation, catalog.cache, compute, settings, untuned);
  const predictions = await predictSamples(fold.heldOut, catalog.cache, compute, settings);
  const heldOut: HeldOut = {
    record: {
      format: 1,
      modelId: card.modelId,
      ...trained,
      ids: fold.heldOut.map(({ id }) => id),
      postProcessing: tuned?.settings ?? untuned,
      tuningVersion: TUNING_VERSION,
      tuning: tuned && { images: tuned.images, before: tuned.before, after: tuned.after },
    },
    ...predictions,
  };
  await writeHeldOut(folder, heldOut);
  await clearResumable(folder);
  return { heldOut, isKept: false };
}

async function trainedModel(
  fold: EvaluationFold,
  seed: number,
  { catalog, compute, cleaning, settings, recipe, plan, folder, emit }: FoldOptions,
): Promise<{ modelFolder: string; bestEpoch: number; trainedMs: number } | null> {
  const best = await readBest(folder);
  if (best.status === 'found') {
    const { folder: modelFolder, epoch } = best.value.card;
    return { modelFolder, bestEpoch: epoch, trainedMs: 0 };
  }
  await mkdir(folder, { recursive: true });
  const resumable = await findResumable(folder);
  const { validation } = fold;
  const cleaned = await cleaning.clean(fold.training, settings.size, recipe.cleaning);
  const training = cleaned.kept;
  const run: TrainingRun = {
    runId: `evaluation-${plan.fingerprint.slice(0, 8)}-s${seed}-f${fold.number}`,
    recipe,
    size: settings.size,
    batchSize: batchSizeFor(recipe, training.length, settings.batchSize),
    epochs: settings.epochs,
    seed,
    normalisation: resumable?.normalisation ?? (await normalisationOfSamples(catalog, training)),
    pairs: training.length,
    validationPairs: validation.length,
    dataFingerprint: dataFingerprint([...fold.training, ...validation]),
    trainedOn: trainedOnOf({ training, validation }, cleaned),
    fold: {
      index: fold.number - 1,
      count: plan.folds.length,
      validationSubjects: subjectsOf(validation),
    },
    modelsFolder: folder,
    ...(resumable !== null && { resumeFrom: resumable.folder }),
  };
  emit({
    type: 'train.started',
    runId: run.runId,
    pairs: run.pairs,
    validationPairs: run.validationPairs,
    subjects: plan.subjects - fold.subjects.length,
    recipe: recipe.name,
    epochs: run.epochs,
    reason: resumable === null ? 'requested' : 'resumed',
  });
  if (cleaned.leftOut.length > 0) emit(cleanedEvent(run.runId, cleaned));
  const source = batchSource(catalog.cache, { training, validation }, run);
  const last = await lastValueFrom(
    compute.train(run, source).pipe(
      tap((report) => {
        for (const event of trainingEvents(report, run)) emit(event);
      }),
    ),
  );
  if (last.type !== 'done') return null;
  await setPointer(folder, 'best', join(folder, last.model.folder));
  return { modelFolder: last.model.folder, bestEpoch: last.bestEpoch, trainedMs: last.ms };
}

function subjectsOf(samples: readonly SampleRecord[]): number[] {
  return [...new Set(samples.map(subjectOf))].sort((a, b) => a - b);
}
