import type { PipelineEvent } from '../events.js';
import { type Instruments, setOrRemove } from './instruments.js';

/** The running training or the last one, and which models came of them. */
export function trainingMetrics(
  make: Instruments,
  now: () => number,
): (event: PipelineEvent) => void {
  const trainings = make.counter('trainings_total', 'Trainings that ended, by how', ['result']);
  const models = make.counter(
    'models_total',
    'Models compared with the one that predicts: promoted to predict, or not because that one was better',
    ['result'],
  );
  const trainingRunning = make.gauge('training_running', '1 while a training runs');
  const epoch = make.unknownGauge(
    'training_epoch',
    'Epoch of the running training, or of the last one; from 1',
  );
  const epochs = make.unknownGauge('training_epochs', 'Epochs that it was to have');
  const step = make.unknownGauge('training_step', 'Step within the epoch; from 1');
  const steps = make.unknownGauge('training_steps', 'Steps of an epoch');
  const loss = make.unknownGauge('training_loss', 'Loss of the newest step or epoch');
  const learningRate = make.unknownGauge('training_learning_rate', 'Learning rate now');
  const imagesPerSecond = make.unknownGauge(
    'training_images_per_second',
    'Images trained on in a second',
  );
  const batchDice = make.gauge(
    'training_batch_dice',
    "The tutorial's Dice at the last epoch's end: of probabilities, over whole batches, 0 to 1; not what Kaggle scores",
    ['on'],
  );
  const imageDice = make.gauge(
    'training_image_dice',
    "Image Dice at the last epoch's end, as Kaggle scores: of masks, image by image, 0 to 1",
    ['on'],
  );
  const best = make.unknownGauge(
    'training_best_batch_dice',
    'Best batch Dice of the run so far: of validation, or of training where nothing validates',
  );
  const leftOut = make.unknownGauge(
    'training_left_out_pairs',
    'Pairs that cleaning left out of the running or last training',
  );
  const trainedAt = make.unknownGauge(
    'training_done_timestamp_seconds',
    'When the last training was done, as Unix time',
  );
  for (const result of ['done', 'interrupted', 'failed']) trainings.inc({ result }, 0);
  for (const result of ['promoted', 'not-promoted']) models.inc({ result }, 0);

  const endTraining = (result: 'done' | 'interrupted' | 'failed'): void => {
    trainingRunning.set(0);
    trainings.inc({ result });
  };

  return (event) => {
    switch (event.type) {
      case 'train.started':
        trainingRunning.set(1);
        leftOut.set(0);
        epochs.set(event.epochs);
        epoch.set(0);
        step.set(0);
        return;
      case 'train.step':
        epoch.set(event.epoch);
        step.set(event.step);
        steps.set(event.steps);
        loss.set(event.loss);
        learningRate.set(event.learningRate);
        imagesPerSecond.set(event.imagesPerSecond);
        return;
      case 'train.epoch':
        epoch.set(event.epoch);
        loss.set(event.loss);
        imagesPerSecond.set(event.imagesPerSecond);
        batchDice.set({ on: 'train' }, event.trainDice);
        setOrRemove(batchDice, event.validationDice, { on: 'validation' });
        setOrRemove(imageDice, event.validationImageDice, { on: 'validation' });
        best.set(event.best);
        return;
      case 'train.cleaned':
        leftOut.set(event.leftOut);
        return;
      case 'train.done':
        endTraining('done');
        trainedAt.set(now() / 1000);
        return;
      case 'train.interrupted':
        endTraining('interrupted');
        return;
      case 'train.failed':
        endTraining('failed');
        return;
      case 'model.promoted':
        models.inc({ result: 'promoted' });
        return;
      case 'model.kept':
        models.inc({ result: 'not-promoted' });
        return;
    }
  };
}
