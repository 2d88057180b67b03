import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import type { Compute, TrainingRun } from '../../compute/compute.js';
import type { PipelineEvent, TrainReason } from '../../events.js';
import { batchSizeFor, type Recipe } from '../../model/recipe.js';
import { dataFingerprint } from '../../operators/fingerprint.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import { lookForResumable, readBest, setPointer } from '../../store/checkpoints.js';
import type { SampleRecord } from '../../store/records.js';
import { batchSource } from './batches.js';
import { cleanedEvent, type LabelCleaning, trainedOnOf } from './label-cleaning.js';
import { resumableEvents, trainingEvents } from './training-events.js';
import { maskPriorOfSamples, normalisationOfSamples } from './training-inputs.js';
import { subjectOf } from './training-plan.js';

export interface TrainingTask {
  readonly runId: string;
  readonly seed: number;
  /** Of one that is not resumed. */
  readonly reason: TrainReason;
  /** Before cleaning. */
  readonly training: readonly SampleRecord[];
  readonly validation: readonly SampleRecord[];
  readonly fold: { readonly index: number; readonly count: number };
  /** Of this task alone: where its checkpoints and its model are kept. */
  readonly folder: string;
}

export interface TrainingMeans {
  readonly catalog: Catalog;
  readonly compute: Pick<Compute, 'train'>;
  readonly cleaning: LabelCleaning;
  readonly settings: Pick<Settings, 'size' | 'batchSize' | 'epochs'>;
  readonly recipe: Recipe;
  readonly emit: (event: PipelineEvent) => void;
  /** Whether somebody asked to stop: nothing new is begun then. */
  readonly isStopped: () => boolean;
}

export interface TrainedFolder {
  /** Of the model. */
  readonly folder: string;
  readonly bestEpoch: number;
  readonly trainedMs: number;
}

/**
 * The model of a task: the finished one from its folder, else trained, from its checkpoint where an
 * earlier run stopped. Null when interrupted. Rejects as `Compute.train` does.
 */
export async function trainToEnd(
  task: TrainingTask,
  { catalog, compute, cleaning, settings, recipe, emit, isStopped }: TrainingMeans,
): Promise<TrainedFolder | null> {
  const { runId, seed, validation, folder } = task;
  const best = await readBest(folder);
  if (best.status === 'found') {
    return { folder: best.value.folder, bestEpoch: best.value.card.epoch, trainedMs: 0 };
  }
  if (isStopped()) return null;
  await mkdir(folder, { recursive: true });
  const look = await lookForResumable(folder);
  for (const event of resumableEvents(look)) emit(event);
  const resumable = look.state === 'found' ? look.resumable : null;
  const cleaned = await cleaning.clean(task.training, settings.size, recipe.cleaning);
  const training = cleaned.kept;
  const trainedSubjects = subjectsOf(training);
  const run: TrainingRun = {
    runId,
    recipe,
    size: settings.size,
    batchSize: batchSizeFor(recipe, training.length, settings.batchSize),
    epochs: settings.epochs,
    seed,
    normalisation: resumable?.normalisation ?? (await normalisationOfSamples(catalog, training)),
    pairs: training.length,
    validationPairs: validation.length,
    dataFingerprint: dataFingerprint([...task.training, ...validation]),
    trainedOn: trainedOnOf({ training, validation }, cleaned),
    maskPrior: await maskPriorOfSamples(catalog, training),
    fold: { ...task.fold, validationSubjects: subjectsOf(validation), trainedSubjects },
    modelsFolder: folder,
    ...(resumable !== null && { resumeFrom: resumable.folder }),
  };
  emit({
    type: 'train.started',
    runId,
    pairs: run.pairs,
    validationPairs: run.validationPairs,
    subjects: subjectsOf([...task.training, ...validation]).length,
    recipe: recipe.name,
    epochs: run.epochs,
    reason: resumable === null ? task.reason : 'resumed',
  });
  if (cleaned.leftOut.length > 0) emit(cleanedEvent(runId, cleaned));
  const source = batchSource(catalog.cache, { training, validation }, run);
  const last = await lastValueFrom(
    compute.train(run, source).pipe(
      tap((report) => {
        for (const event of trainingEvents(report, run)) emit(event);
      }),
    ),
  );
  if (last.type !== 'done') return null;
  const model = join(folder, last.model.folder);
  await setPointer(folder, 'best', model);
  return { folder: model, bestEpoch: last.bestEpoch, trainedMs: last.ms };
}

function subjectsOf(samples: readonly SampleRecord[]): number[] {
  return [...new Set(samples.map(subjectOf))].sort((a, b) => a - b);
}
