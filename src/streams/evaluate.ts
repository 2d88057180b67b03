import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import type { Compute } from '../compute/compute.js';
import type { PipelineEvent } from '../events.js';
import { chunk, packImages } from '../operators/batch.js';
import { imageDice } from '../operators/dice.js';
import { dataFingerprint } from '../operators/fingerprint.js';
import { crossValidationRounds } from '../operators/fold.js';
import { threshold } from '../operators/threshold.js';
import type { Settings } from '../settings/options.js';
import type { Catalog } from '../store/catalog.js';
import type { OpenStore } from '../store/open-store.js';
import type { SampleRecord } from '../store/records.js';
import { batchSource, pixelKeysOf } from './batches.js';
import { preprocessingKey, preprocessingOf } from './staleness.js';
import { normalisationOfSamples, recipeOf } from './training-inputs.js';
import { LEAST_PAIRS, subjectOf } from './training-plan.js';

/** Mean figures over all pairs, each predicted by a model that has not seen its subject. */
export interface Evaluation {
  readonly pairs: number;
  readonly folds: number;
  /** Per image, thresholded, on the network's grid; empty against empty is 1. */
  readonly imageDice: number;
  /** The same for an answer of empty masks throughout. */
  readonly allEmptyImageDice: number;
}

/**
 * Trains once for each fold of subjects and scores what it left out. Null when the cache has too
 * few pairs or subjects, or the run was interrupted.
 */
export async function evaluateBySubject(
  settings: Settings,
  { catalog, paths }: Pick<OpenStore, 'catalog' | 'paths'>,
  compute: Compute,
  emit: (event: PipelineEvent) => void,
): Promise<Evaluation | null> {
  const preprocessing = preprocessingKey(preprocessingOf(settings.size));
  const pairs = [...catalog.samplesOf('train')].filter((p) => p.preprocessing === preprocessing);
  const rounds = crossValidationRounds(pairs.map(subjectOf), settings.folds);
  if (pairs.length < LEAST_PAIRS || rounds.length < 2) {
    const message = `The cache of ${paths.root} holds ${pairs.length} pairs; cross-validation takes at least ${LEAST_PAIRS} of two subjects. Run nerveflow ingest first.`;
    emit({ type: 'notice', level: 'error', code: 'TOO_FEW_PAIRS', message });
    return null;
  }
  const modelsFolder = join(paths.root, 'evaluate');
  const scores: { dice: number; empty: number }[] = [];
  try {
    for (const [index, validating] of rounds.entries()) {
      await rm(modelsFolder, { recursive: true, force: true });
      await mkdir(modelsFolder, { recursive: true });
      const training = pairs.filter((pair) => !validating.has(subjectOf(pair)));
      const held = pairs.filter((pair) => validating.has(subjectOf(pair)));
      const recipe = recipeOf(settings);
      emit({
        type: 'train.started',
        runId: `fold-${index + 1}`,
        pairs: training.length,
        validationPairs: held.length,
        subjects: new Set(pairs.map(subjectOf)).size,
        recipe: recipe.name,
        epochs: settings.epochs,
        reason: 'requested',
      });
      // Nothing of the held-out fold chooses the model: the best epoch is that by training Dice.
      const source = batchSource(catalog.cache, { training, validation: [] }, settings);
      const run = {
        runId: `fold-${index + 1}`,
        recipe,
        size: settings.size,
        batchSize: settings.batchSize,
        epochs: settings.epochs,
        seed: settings.seed,
        normalisation: await normalisationOfSamples(catalog, training),
        pairs: training.length,
        validationPairs: 0,
        dataFingerprint: dataFingerprint(training),
        fold: { index, count: rounds.length, validationSubjects: [...validating] },
        modelsFolder,
      };
      const last = await lastValueFrom(
        compute.train(run, source).pipe(
          tap((report) => {
            if (report.type === 'step') {
              emit({ ...report, type: 'train.step', epochs: settings.epochs });
            }
          }),
        ),
      );
      if (last.type !== 'done') return null;
      await compute.serve(join(modelsFolder, last.model.folder));
      const fold = await score(catalog, compute, held, settings, recipe.threshold);
      scores.push(...fold);
      emit(foldNotice(index + 1, rounds.length, [...validating], fold));
    }
  } finally {
    await rm(modelsFolder, { recursive: true, force: true });
  }
  const evaluation = {
    pairs: pairs.length,
    folds: rounds.length,
    imageDice: mean(scores.map((s) => s.dice)),
    allEmptyImageDice: mean(scores.map((s) => s.empty)),
  };
  emit({
    type: 'notice',
    level: 'info',
    code: 'EVALUATION',
    message: `Cross-validated over ${rounds.length} folds of subjects, ${pairs.length} pairs: mean image Dice ${evaluation.imageDice.toFixed(4)} on the network's grid; answering with empty masks would score ${evaluation.allEmptyImageDice.toFixed(4)}.`,
  });
  return evaluation;
}

async function score(
  catalog: Catalog,
  compute: Compute,
  held: readonly SampleRecord[],
  { batchSize, size }: Settings,
  atLeast: number,
): Promise<{ dice: number; empty: number }[]> {
  const area = size.height * size.width;
  const scores: { dice: number; empty: number }[] = [];
  for (const batch of chunk(held, batchSize)) {
    const keys = batch.map(pixelKeysOf);
    const images = await catalog.cache.readPixels(keys.map((key) => key.image));
    const masks = await catalog.cache.readPixels(keys.map((key) => key.mask));
    const { probabilities } = await compute.predict(packImages(images.map((i) => i!.pixels)));
    for (const [index, mask] of masks.entries()) {
      const map = probabilities.subarray(index * area, (index + 1) * area);
      const truth = mask!.pixels;
      scores.push({
        dice: imageDice(truth, threshold(map, atLeast).mask),
        empty: truth.includes(1) ? 0 : 1,
      });
    }
  }
  return scores;
}

function foldNotice(
  fold: number,
  folds: number,
  subjects: readonly number[],
  scores: readonly { dice: number }[],
): PipelineEvent {
  const dice = mean(scores.map((s) => s.dice)).toFixed(4);
  const message = `Fold ${fold} of ${folds}: subjects ${subjects.join(', ')}, ${scores.length} pairs, mean image Dice ${dice}.`;
  return { type: 'notice', level: 'info', code: 'FOLD_EVALUATED', message };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
