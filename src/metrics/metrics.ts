import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GaugedStage, PipelineEvent, StageLoad } from '../events.js';
import { RowLatency } from './row-latency.js';

type TrainEvent = Extract<PipelineEvent, { type: `train.${string}` }>;

/** What is counted when somebody asks, and told by no event. */
export interface StoreCounts {
  readonly files: number;
  readonly pairs: number;
  readonly testImages: number;
  readonly rows: number;
  readonly nonEmptyRows: number;
  /** Test images without a current prediction; null where nothing predicts. */
  readonly pending: number | null;
  /** Time stamp of submission.csv; null where there is none. */
  readonly submissionAtMs: number | null;
}

export interface MetricsOptions {
  /** Asked once a look. */
  readonly countStore: () => StoreCounts;
  readonly now?: () => number;
}

/** The one stream of events as numbers in Prometheus' form. */
export class Metrics {
  readonly registry = new Registry();
  private readonly latency: RowLatency;
  private readonly now: () => number;
  private readonly options: MetricsOptions;

  constructor(options: MetricsOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.latency = new RowLatency((ms) => this.fileToRow.observe(ms / 1000));
    for (const split of ['train', 'test']) {
      this.cacheHits.inc({ split }, 0);
      this.removed.inc({ split }, 0);
      for (const reason of ['new', 'changed', 'mask-changed', 'settings-changed']) {
        this.ingested.inc({ split, reason }, 0);
      }
    }
    for (const reason of ['new', 'changed', 'model-changed', 'settings-changed', 'requested']) {
      this.predictions.inc({ reason }, 0);
    }
    for (const result of ['done', 'interrupted', 'failed']) this.trainings.inc({ result }, 0);
    for (const result of ['promoted', 'not-promoted']) this.models.inc({ result }, 0);
  }

  add(event: PipelineEvent): void {
    this.latency.add(event, this.now());
    switch (event.type) {
      case 'ready': {
        const { version, backend, device } = event;
        this.build.set({ version, node: process.version, backend: backend ?? 'none', device }, 1);
        return;
      }
      case 'notice':
        this.notices.inc({ level: event.level, code: event.code });
        return;
      case 'stages':
        for (const [stage, load] of Object.entries(event.stages) as [GaugedStage, StageLoad][]) {
          this.stageItems.set({ stage, state: 'queued' }, load.queued);
          this.stageItems.set({ stage, state: 'in-flight' }, load.inFlight);
          this.stageItems.set({ stage, state: 'waiting' }, load.waiting);
        }
        this.ignored.set(event.ignored);
        return;
      case 'paused':
        this.paused.set(event.paused ? 1 : 0);
        return;
      case 'compute':
        this.computeUp.set(event.state === 'ready' ? 1 : 0);
        if (event.state === 'restarting') this.computeRestarts.inc();
        return;
      case 'item.ingested': {
        const { split, reason } = event;
        if (reason === 'cached') this.cacheHits.inc({ split });
        else this.ingested.inc({ split, reason });
        return;
      }
      case 'item.failed':
        this.failed.inc({ stage: event.stage, code: event.code });
        return;
      case 'item.removed':
        this.removed.inc({ split: event.split });
        return;
      case 'item.predicted':
        this.predictions.inc({ reason: event.reason });
        return;
      case 'train.started':
      case 'train.step':
      case 'train.epoch':
      case 'train.done':
      case 'train.interrupted':
      case 'train.failed':
        this.addTraining(event);
        return;
      case 'system': {
        const { compute, diskFree } = event;
        setOrRemove(this.tensors, {}, compute?.tensors ?? null);
        setOrRemove(this.tensorBytes, {}, compute?.tensorBytes ?? null);
        setOrRemove(this.computeMemory, {}, compute?.rss ?? null);
        setOrRemove(this.diskFree, {}, diskFree);
        return;
      }
      case 'submission.written':
        this.submissions.inc();
        return;
      case 'model.promoted':
        this.models.inc({ result: 'promoted' });
        return;
      case 'model.kept':
        this.models.inc({ result: 'not-promoted' });
        return;
      case 'train.cleaned':
        this.leftOut.set(event.leftOut);
        return;
      case 'model.tuned':
      case 'model.serving':
      case 'submission.unchanged':
      case 'item.waiting':
      case 'preview':
      case 'caught-up':
      case 'stopped':
      // Of a command that serves no numbers.
      case 'audit.done':
      case 'evaluation.started':
      case 'evaluation.progress':
      case 'evaluation.fold':
      case 'evaluation.done':
      case 'evaluation.scored':
        return;
      default:
        event satisfies never;
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** All numbers, the store's counted now. */
  async metrics(): Promise<string> {
    this.countStore();
    return await this.registry.metrics();
  }

  private addTraining(event: Exclude<TrainEvent, { type: 'train.cleaned' }>): void {
    switch (event.type) {
      case 'train.started':
        this.trainingRunning.set(1);
        this.leftOut.set(0);
        this.epochs.set(event.epochs);
        this.epoch.set(0);
        this.step.set(0);
        return;
      case 'train.step':
        this.epoch.set(event.epoch);
        this.step.set(event.step);
        this.steps.set(event.steps);
        this.loss.set(event.loss);
        this.learningRate.set(event.learningRate);
        this.imagesPerSecond.set(event.imagesPerSecond);
        return;
      case 'train.epoch':
        this.epoch.set(event.epoch);
        this.loss.set(event.loss);
        this.imagesPerSecond.set(event.imagesPerSecond);
        this.batchDice.set({ on: 'train' }, event.trainDice);
        setOrRemove(this.batchDice, { on: 'validation' }, event.validationDice);
        setOrRemove(this.imageDice, { on: 'validation' }, event.validationImageDice);
        this.best.set(event.best);
        return;
      case 'train.done':
        this.endTraining('done');
        this.trainedAt.set(this.now() / 1000);
        return;
      case 'train.interrupted':
        this.endTraining('interrupted');
        return;
      case 'train.failed':
        this.endTraining('failed');
        return;
    }
  }

  private endTraining(result: 'done' | 'interrupted' | 'failed'): void {
    this.trainingRunning.set(0);
    this.trainings.inc({ result });
  }

  private readonly ingested = this.counter(
    'items_ingested_total',
    'Samples taken in because they were new or had changed: an image with its mask (train) or a test image',
    ['split', 'reason'],
  );
  private readonly cacheHits = this.counter(
    'cache_hits_total',
    'Samples found unchanged, for which nothing had to be decoded',
    ['split'],
  );
  private readonly failed = this.counter(
    'items_failed_total',
    'Failures of single files, by where they happened and their code',
    ['stage', 'code'],
  );
  private readonly removed = this.counter(
    'items_removed_total',
    'Samples that went because their files went',
    ['split'],
  );
  private readonly predictions = this.counter(
    'predictions_total',
    'Masks predicted for test images, by why',
    ['reason'],
  );
  private readonly trainings = this.counter('trainings_total', 'Trainings that ended, by how', [
    'result',
  ]);
  private readonly models = this.counter(
    'models_total',
    'Models compared with the one that predicts: promoted to predict, or not because that one was better',
    ['result'],
  );
  private readonly computeRestarts = this.counter(
    'compute_restarts_total',
    'Times that the process that trains and predicts died or hung and was started again',
  );
  private readonly submissions = this.counter(
    'submissions_written_total',
    'Times that submission.csv was replaced',
  );
  private readonly notices = this.counter(
    'notices_total',
    'What people were told that concerns no single file, by code',
    ['level', 'code'],
  );

  private readonly build = this.gauge(
    'build_info',
    'Always 1; its labels tell the version and what computes',
    ['version', 'node', 'backend', 'device'],
  );
  private readonly stageItems = this.gauge(
    'stage_items',
    'Items in each stage of the pipeline: queued, in flight, or waiting for something outside (settling, no mask yet)',
    ['stage', 'state'],
  );
  private readonly ignored = this.gauge(
    'ignored_files',
    'Files under the raw folder whose names are not those of images or masks',
  );
  private readonly paused = this.gauge('paused', '1 while a person has paused the intake');
  private readonly computeUp = this.gauge(
    'compute_up',
    '1 while the process that trains and predicts is ready',
  );
  private readonly trainingRunning = this.gauge('training_running', '1 while a training runs');
  private readonly epoch = this.unknownGauge(
    'training_epoch',
    'Epoch of the running training, or of the last one; from 1',
  );
  private readonly epochs = this.unknownGauge('training_epochs', 'Epochs that it was to have');
  private readonly step = this.unknownGauge('training_step', 'Step within the epoch; from 1');
  private readonly steps = this.unknownGauge('training_steps', 'Steps of an epoch');
  private readonly loss = this.unknownGauge('training_loss', 'Loss of the newest step or epoch');
  private readonly learningRate = this.unknownGauge('training_learning_rate', 'Learning rate now');
  private readonly imagesPerSecond = this.unknownGauge(
    'training_images_per_second',
    'Images trained on in a second',
  );
  private readonly batchDice = this.gauge(
    'training_batch_dice',
    "The tutorial's Dice at the last epoch's end: of probabilities, over whole batches, 0 to 1; not what Kaggle scores",
    ['on'],
  );
  private readonly imageDice = this.gauge(
    'training_image_dice',
    "Image Dice at the last epoch's end, as Kaggle scores: of masks, image by image, 0 to 1",
    ['on'],
  );
  private readonly best = this.unknownGauge(
    'training_best_batch_dice',
    'Best batch Dice of the run so far: of validation, or of training where nothing validates',
  );
  private readonly leftOut = this.unknownGauge(
    'training_left_out_pairs',
    'Pairs that cleaning left out of the running or last training',
  );
  private readonly trainedAt = this.unknownGauge(
    'training_done_timestamp_seconds',
    'When the last training was done, as Unix time',
  );
  private readonly tensors = this.unknownGauge('tensors', 'Tensors alive in the compute process');
  private readonly tensorBytes = this.unknownGauge('tensor_bytes', 'Bytes that they hold');
  private readonly computeMemory = this.unknownGauge(
    'compute_resident_memory_bytes',
    "The compute process's memory (the program's own is process_resident_memory_bytes)",
  );
  private readonly diskFree = this.unknownGauge(
    'disk_free_bytes',
    'Room left on the disk that holds the store',
  );
  private readonly submissionAt = this.unknownGauge(
    'submission_written_timestamp_seconds',
    'When submission.csv was last replaced, as Unix time; absent where there is none',
  );

  private readonly files = this.gauge('files', 'Files of the raw folder that are in the cache');
  private readonly pairs = this.gauge('pairs', 'Images with masks to train on');
  private readonly testImages = this.gauge('test_images', 'Test images');
  private readonly rows = this.gauge('rows', 'Test images that have a prediction');
  private readonly nonEmptyRows = this.gauge(
    'rows_with_nerve',
    'Test images whose predicted mask is not empty',
  );
  private readonly pending = this.gauge(
    'pending_images',
    'Test images without a current prediction',
  );

  private readonly fileToRow = new Histogram({
    name: 'nerveflow_file_to_row_seconds',
    help: 'Time from the first look at a new or changed, settled test image to its row in submission.csv',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    registers: [this.registry],
  });

  private countStore(): void {
    const counts = this.options.countStore();
    const { files, pairs, testImages, rows, nonEmptyRows, pending, submissionAtMs } = counts;
    this.files.set(files);
    this.pairs.set(pairs);
    this.testImages.set(testImages);
    this.rows.set(rows);
    this.nonEmptyRows.set(nonEmptyRows);
    this.pending.set(pending ?? testImages - rows);
    setOrRemove(this.submissionAt, {}, submissionAtMs === null ? null : submissionAtMs / 1000);
  }

  private counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `nerveflow_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** Absent until the first figure: a 0 that nobody measured would be a lie. */
  private unknownGauge(name: string, help: string): Gauge {
    const gauge = this.gauge(name, help);
    gauge.remove();
    return gauge;
  }

  private gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `nerveflow_${name}`, help, labelNames, registers: [this.registry] });
  }
}

/** A figure that there is not must not be shown as an old one. */
function setOrRemove(gauge: Gauge, labels: Record<string, string>, value: number | null): void {
  if (value === null) gauge.remove(labels);
  else gauge.set(labels, value);
}
