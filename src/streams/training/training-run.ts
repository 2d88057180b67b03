import { join } from 'node:path';
import type { TrainingRun } from '../../compute/compute.js';
import { batchSizeFor } from '../../model/recipe.js';
import { compareNaturally } from '../../operators/natural-order.js';
import type { Subject } from '../../operators/subject-folds.js';
import { modelFolderName } from '../../store/model-folder.js';
import type { TrainedOn } from '../../store/trained-on.js';
import type { CleanedSamples } from './clean-labels.js';
import type { ModelTraining } from './training-context.js';
import { normalisationOfSamples } from './training-normalisation.js';
import { fingerprintsOf, type RunSamples, subjectsOf } from './training-split.js';
import type { Beginning, TrainingTask } from './training-task.js';

/** A task as the compute process is given it. Reads the training images, for their normalisation. */
export async function trainingRunOf(
  { runId, seed, split, cleaned, fold, beginning, folder }: TrainingTask,
  { catalog, recipe, settings }: Pick<ModelTraining, 'catalog' | 'recipe' | 'settings'>,
): Promise<TrainingRun> {
  const { validation, validationSubjects } = split;
  const training = cleaned.kept;
  const before = learntBefore(beginning);
  const common = {
    recipe,
    size: settings.size,
    batchSize: batchSizeFor(recipe, training.length, settings.batchSize),
    seed,
    pairs: training.length,
    validationPairs: validation.length,
    dataFingerprint: split.fingerprint,
    trainedOn: trainedOnOf({ training, validation }, cleaned),
    fold: {
      ...fold,
      validationSubjects,
      ...(before !== null && {
        trainedSubjects: [...new Set([...before, ...subjectsOf(training)])].sort(compareNaturally),
      }),
    },
    modelsFolder: folder,
  };
  if (beginning.type === 'checkpoint') {
    const { runId, epochs, normalisation, startedFrom, folder: resumeFrom } = beginning.checkpoint;
    const startFrom = startedFrom === null ? {} : { startFrom: startFromOf(startedFrom, folder) };
    return { ...common, runId, epochs, normalisation, resumeFrom, ...startFrom };
  }
  const normalisation = await normalisationOfSamples(catalog, training);
  if (beginning.type === 'anew')
    return { ...common, runId, epochs: settings.epochs, normalisation };
  const { epochs, model } = beginning;
  const startFrom = startFromOf(model.modelId, folder);
  return { ...common, runId, epochs, normalisation, startFrom };
}

/** What a model's folder tells of the samples. */
export function trainedOnOf(
  { training, validation }: RunSamples,
  { leftOut }: Pick<CleanedSamples, 'leftOut'>,
): TrainedOn {
  return {
    format: 1,
    training: fingerprintsOf(training),
    validation: fingerprintsOf(validation),
    leftOut: [...leftOut],
  };
}

/** Subjects that the weights it begins with have learnt from; null where nobody knows. */
function learntBefore(beginning: Beginning): readonly Subject[] | null {
  switch (beginning.type) {
    case 'checkpoint': {
      const { startedFrom, trainedSubjects } = beginning.checkpoint;
      return startedFrom !== null && trainedSubjects.length === 0 ? null : trainedSubjects;
    }
    case 'model':
      return beginning.model.fold.trainedSubjects ?? null;
    case 'anew':
      return [];
  }
}

function startFromOf(modelId: string, modelsFolder: string) {
  return { modelId, folder: join(modelsFolder, modelFolderName(modelId)) };
}
