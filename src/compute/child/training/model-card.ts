import { createHash } from 'node:crypto';
import type { ModelCard } from '../../../model/card.js';
import type { ModelFiles } from '../../../model/serialise.js';
import { modelFolderName } from '../../../store/model-folder.js';
import { version } from '../../../version.js';
import type { TrainingRun } from '../../compute.js';

/** The card of a model just trained. Its id ends with the weights' own hash: other weights, other predictions. */
export function makeCard(
  run: TrainingRun,
  epoch: number,
  metrics: ModelCard['metrics'],
  device: Pick<ModelCard, 'backend' | 'precision' | 'threads'>,
  files: ModelFiles,
): ModelCard {
  const hash = createHash('sha256').update(files.weights).digest('hex').slice(0, 8);
  const modelId = `${run.runId}-e${epoch}-${hash}`;
  return {
    format: 1,
    modelId,
    runId: run.runId,
    folder: modelFolderName(modelId),
    recipe: run.recipe.name,
    size: run.size,
    batchSize: run.batchSize,
    seed: run.seed,
    normalisation: run.normalisation,
    fold: foldOf(run.fold),
    ...(run.startFrom && { startedFrom: run.startFrom.modelId }),
    dataFingerprint: run.dataFingerprint,
    pairs: run.pairs,
    validationPairs: run.validationPairs,
    epoch,
    epochs: run.epochs,
    metrics,
    threshold: run.recipe.threshold,
    presenceThreshold: run.recipe.presenceThreshold,
    trainedWith: run.recipe,
    ...(run.trainedOn && { leftOut: run.trainedOn.leftOut.length }),
    ...device,
    version,
    createdAt: new Date().toISOString(),
  };
}

function foldOf({ index, count, validationSubjects, trainedSubjects }: TrainingRun['fold']) {
  return {
    index,
    count,
    validationSubjects: [...validationSubjects],
    ...(trainedSubjects && { trainedSubjects: [...trainedSubjects] }),
  };
}
