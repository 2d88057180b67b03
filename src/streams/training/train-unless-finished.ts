import { mkdir } from 'node:fs/promises';
import type { PipelineEvent } from '../../events.js';
import { ModelRegistry } from '../../store/model-registry.js';
import { bestOf, type TrainedModel, trainModel } from './train-model.js';
import type { ModelTraining } from './training-context.js';
import { resumableEvents } from './training-events.js';
import type { TrainingTask } from './training-task.js';

/**
 * The model of a task that has a folder of its own (a fold's, a member's of an ensemble): the
 * finished one that lies there, else trained, from its checkpoint where an earlier run stopped. Null
 * when interrupted. Rejects as `Compute.train` does.
 */
export async function trainUnlessFinished(
  task: TrainingTask,
  training: ModelTraining,
): Promise<TrainedModel | null> {
  const { folder, split } = task;
  const registry = new ModelRegistry(folder);
  const finished = await registry.current();
  if (finished.status === 'found') {
    const { card, folder } = finished.value;
    const validated = [{ folder, validation: split.validation }];
    return { card, folder, best: bestOf(card), bestEpoch: card.epoch, trainedMs: 0, validated };
  }
  if (training.stopping.aborted) {
    training.emit(interruptedBetween);
    return null;
  }
  await mkdir(folder, { recursive: true });
  const look = await registry.interrupted();
  for (const event of resumableEvents(look)) training.emit(event);
  const resumed = look.state === 'found' && {
    reason: 'resumed' as const,
    beginning: { type: 'checkpoint' as const, checkpoint: look.resumable },
  };
  const trained = await trainModel({ ...task, ...resumed }, training);
  if (trained !== null) await registry.promote(trained.card);
  return trained;
}

/** Between two models of one training. */
const interruptedBetween: PipelineEvent = {
  type: 'train.interrupted',
  epoch: 1,
  step: 0,
  resumable: true,
};
