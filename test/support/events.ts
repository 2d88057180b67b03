import type { PipelineEvent, StageLoad } from '../../src/events.js';
import { encodePicture } from '../../src/operators/preview-picture.js';

/** Events as the pipeline sends them, with the fields a test does not care about filled in. */
type Of<T extends PipelineEvent['type']> = Extract<PipelineEvent, { type: T }>;

export const ready = (over: Partial<Of<'ready'>> = {}): Of<'ready'> => ({
  type: 'ready',
  backend: 'wasm',
  device: 'AMD EPYC 9B14',
  threads: 1,
  raw: '/data/raw',
  store: '/data/store',
  version: '0.1.0',
  skipped: [{ backend: 'onednn', reason: 'not built' }],
  ...over,
});

export const ingested = (
  id: string,
  split: 'train' | 'test' = 'train',
  reason: Of<'item.ingested'>['reason'] = 'new',
): Of<'item.ingested'> => ({ type: 'item.ingested', id, split, ms: 4, reason });

export const failed = (over: Partial<Of<'item.failed'>> = {}): Of<'item.failed'> => ({
  type: 'item.failed',
  path: '/data/raw/test/7.tif',
  stage: 'decode',
  code: 'DECODE_FAILED',
  message: 'the file ends too early',
  ...over,
});

export const predicted = (id: string, pixels = 5_120): Of<'item.predicted'> => ({
  type: 'item.predicted',
  id,
  pixels,
  ms: 12,
  modelId: 'm1',
  reason: 'new',
});

const none: StageLoad = { queued: 0, inFlight: 0, waiting: 0 };

export const stages = (
  over: Partial<Record<'settle' | 'ingest' | 'pair' | 'predict', Partial<StageLoad>>> = {},
  ignored = 0,
): Of<'stages'> => ({
  type: 'stages',
  ignored,
  stages: {
    settle: { ...none, ...over.settle },
    ingest: { ...none, ...over.ingest },
    pair: { ...none, ...over.pair },
    predict: { ...none, ...over.predict },
  },
});

export const trainStarted = (over: Partial<Of<'train.started'>> = {}): Of<'train.started'> => ({
  type: 'train.started',
  runId: 'r1',
  pairs: 120,
  validationPairs: 24,
  subjects: 10,
  recipe: 'default',
  epochs: 20,
  reason: 'no-model',
  ...over,
});

export const step = (
  epoch: number,
  index: number,
  over: Partial<Of<'train.step'>> = {},
): Of<'train.step'> => ({
  type: 'train.step',
  epoch,
  epochs: 20,
  step: index,
  steps: 4,
  loss: 0.5,
  batchDice: 0.55,
  learningRate: 3e-4,
  imagesPerSecond: 41,
  ...over,
});

export const epoch = (index: number, over: Partial<Of<'train.epoch'>> = {}): Of<'train.epoch'> => ({
  type: 'train.epoch',
  epoch: index,
  epochs: 20,
  loss: 0.412,
  trainDice: 0.61,
  validationDice: 0.58,
  validationImageDice: 0.52,
  best: 0.58,
  isBest: true,
  imagesPerSecond: 41,
  ms: 3_000,
  ...over,
});

export const trainDone = (over: Partial<Of<'train.done'>> = {}): Of<'train.done'> => ({
  type: 'train.done',
  modelId: 'm1',
  best: 0.66,
  bestEpoch: 17,
  ms: 724_000,
  ...over,
});

export const written = (rows = 12, nonEmpty = 9): Of<'submission.written'> => ({
  type: 'submission.written',
  path: '/data/store/submission.csv',
  rows,
  nonEmpty,
});

export const measurementsWritten = (rows = 12): Of<'measurements.written'> => ({
  type: 'measurements.written',
  path: '/data/store/measurements.csv',
  rows,
});

export const caughtUp = (over: Partial<Of<'caught-up'>> = {}): Of<'caught-up'> => ({
  type: 'caught-up',
  watching: true,
  ingested: 132,
  cached: 0,
  failed: 0,
  predicted: 12,
  pending: 0,
  ...over,
});

/** A picture with a bright square, found or not, and where it is known the truth. */
export const preview = (
  id: string,
  over: Partial<Of<'preview'>> & { readonly found?: boolean } = {},
): Of<'preview'> => {
  const { found = true, ...rest } = over;
  const size = { height: 16, width: 20 };
  const isInside = (index: number): boolean => {
    const [y, x] = [Math.floor(index / size.width), index % size.width];
    return y >= 4 && y < 12 && x >= 5 && x < 15;
  };
  const square = Uint8Array.from({ length: 320 }, (_, index) => Number(isInside(index)));
  const isTrain = rest.split === 'train';
  return {
    type: 'preview',
    id,
    split: 'test',
    picture: encodePicture(
      size,
      square.map((inside) => 20 + 200 * inside),
      found ? square : new Uint8Array(320),
      isTrain ? square : undefined,
    ),
    ...(isTrain && { imageDice: found ? 1 : 0, epoch: 3 }),
    ...rest,
  };
};

export const system = (tensors = 184, over: Partial<Of<'system'>> = {}): Of<'system'> => ({
  type: 'system',
  program: { cpu: 0.032, rss: 186e6 },
  compute: { cpu: 1.43, rss: 361e6, tensors, tensorBytes: 7.8e6 },
  diskFree: 83.2e9,
  ...over,
});
