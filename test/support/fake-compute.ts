import { join } from 'node:path';
import { BehaviorSubject, Observable, Subject, type Subscriber } from 'rxjs';
import {
  type BatchSource,
  type Compute,
  ComputeFailure,
  type ComputeHealth,
  type ComputeInfo,
  type ImageBatch,
  type ProbabilityBatch,
  type TrainingRun,
  type TrainReport,
} from '../../src/compute/compute.js';
import type { ModelCard } from '../../src/model/card.js';
import { readCard, saveModel } from '../../src/store/model-folder.js';
import { ModelRegistry } from '../../src/store/model-registry.js';

const info: ComputeInfo = {
  backend: 'cpu',
  device: 'fake',
  threads: 1,
  precision: 'float32',
  skipped: [],
};

/** Something that work has to pass; open until closed. */
class Gate {
  private opened: Promise<void> = Promise.resolve();
  private openNow: () => void = () => {};
  private arrived: () => void = () => {};
  private nextArrival = Promise.resolve();
  private isClosed = false;

  close(): void {
    this.isClosed = true;
    this.opened = new Promise((resolve) => {
      this.openNow = resolve;
    });
    this.nextArrival = new Promise((resolve) => {
      this.arrived = resolve;
    });
  }

  open(): void {
    this.isClosed = false;
    this.openNow();
  }

  /** Resolves when work stands before the closed gate. */
  get reached(): Promise<void> {
    return this.nextArrival;
  }

  async pass(): Promise<void> {
    if (this.isClosed) this.arrived();
    await this.opened;
  }
}

/**
 * Predicts from pixels and the model's name alone, trains by pulling every batch and saving a model
 * after each epoch. Each step can be held or made to fail.
 */
export class FakeCompute implements Compute {
  readonly health = new BehaviorSubject<ComputeHealth>({ state: 'ready', info });
  readonly health$ = this.health.asObservable();
  readonly training = new Gate();
  readonly prediction = new Gate();
  /** Thrown by the next calls, one each. */
  readonly predictFailures: Error[] = [];
  readonly serveFailures: Error[] = [];
  trainFailure: Error | null = null;
  /** Thrown by the next trainings at their start, one each. */
  readonly trainFailures: Error[] = [];

  /** What is wrong with the checkpoint that the next training is to go on from. */
  fallBack: string | null = null;

  /** Of the image at a place of its batch; models tell no presence while this is null. */
  presenceOf: ((image: number) => number) | null = null;

  readonly served: string[] = [];
  readonly runs: TrainingRun[] = [];
  /** Images of each call. */
  readonly predictedCounts: number[] = [];
  interrupts = 0;
  starts = 0;
  readonly startFailures: ComputeFailure[] = [];
  /** What a model makes of every pixel when it is compared; 0: it finds nothing anywhere. */
  readonly comparedAs = new Map<string, number>();
  comparedAsElse = 0;
  readonly compared: string[] = [];
  readonly compareFailures: Error[] = [];
  isAside = false;
  readonly comparing = new Subject<void>();
  private card: ModelCard | null = null;
  private isInterrupted = false;

  get predicted(): number {
    return this.predictedCounts.reduce((sum, count) => sum + count, 0);
  }

  async start(): Promise<ComputeInfo> {
    this.starts++;
    const failure = this.startFailures.shift();
    if (failure) {
      const { code, message } = failure;
      this.health.next({ state: 'failed', code, message });
      throw failure;
    }
    this.health.next({ state: 'ready', info });
    return info;
  }

  train(run: TrainingRun, source: BatchSource): Observable<TrainReport> {
    return new Observable((subscriber) => {
      this.runs.push(run);
      this.isInterrupted = false;
      const failure = this.trainFailures.shift();
      if (failure) {
        subscriber.error(failure);
        return;
      }
      if (this.fallBack !== null) subscriber.next({ type: 'fell-back', why: this.fallBack });
      this.fallBack = null;
      this.trainOn(run, source, subscriber).catch((error) => subscriber.error(error));
    });
  }

  async interrupt(): Promise<void> {
    this.interrupts++;
    this.isInterrupted = true;
    this.training.open();
  }

  async serve(folder: string): Promise<ModelCard> {
    const failure = this.serveFailures.shift();
    if (failure) throw failure;
    const card = await readCard(folder);
    if (card.status !== 'found') throw new ComputeFailure('MODEL_UNREADABLE', folder);
    if (this.card?.modelId !== card.value.modelId) this.served.push(card.value.modelId);
    this.card = card.value;
    return card.value;
  }

  async predict({ count, images }: ImageBatch): Promise<ProbabilityBatch> {
    const { modelId } = this.card!;
    this.predictedCounts.push(count);
    await this.prediction.pass();
    const failure = this.predictFailures.shift();
    if (failure) throw failure;
    const { presenceOf } = this;
    return {
      count,
      probabilities: Float32Array.from(images, (pixel) => fakeProbability(pixel, modelId)),
      ...(presenceOf && {
        presence: Float32Array.from({ length: count }, (_, image) => presenceOf(image)),
      }),
    };
  }

  async predictBy(folder: string, { count, images }: ImageBatch): Promise<ProbabilityBatch> {
    this.isAside = true;
    this.comparing.next();
    const failure = this.compareFailures.shift();
    if (failure) throw failure;
    const card = await readCard(folder);
    if (card.status !== 'found') throw new ComputeFailure('MODEL_UNREADABLE', folder);
    const { modelId } = card.value;
    if (this.compared.at(-1) !== modelId) this.compared.push(modelId);
    const probability = this.comparedAs.get(modelId) ?? this.comparedAsElse;
    return { count, probabilities: new Float32Array(images.length).fill(probability) };
  }

  putAside(): void {
    this.isAside = false;
  }

  async close(): Promise<void> {
    this.health.complete();
  }

  private async trainOn(
    run: TrainingRun,
    source: BatchSource,
    subscriber: Subscriber<TrainReport>,
  ): Promise<void> {
    let card: ModelCard | null = null;
    for (let epoch = 1; epoch <= run.epochs; epoch++) {
      let step = 0;
      for await (const batch of source({ phase: 'train', epoch, firstStep: 0 })) {
        if (batch.count === 0) throw new Error('an empty batch');
        await this.training.pass();
        if (this.isInterrupted) {
          subscriber.next({ type: 'interrupted', epoch, step, checkpoint: null });
          subscriber.complete();
          return;
        }
        step++;
      }
      for await (const batch of source({ phase: 'validate', epoch })) {
        if (batch.count === 0) throw new Error('an empty batch');
      }
      if (this.trainFailure) throw this.trainFailure;
      card = fakeCard({ modelId: `${run.runId}-e${epoch}`, run });
      await saveModel(run.modelsFolder, card, noWeights);
      subscriber.next({
        type: 'epoch',
        epoch,
        loss: 1 / epoch,
        trainDice: 0.5,
        validationDice: 0.5,
        validationImageDice: 0.5,
        best: 0.5,
        isBest: true,
        imagesPerSecond: 1,
        ms: 1,
        savedModel: card,
      });
    }
    subscriber.next({ type: 'done', model: card!, best: 0.5, bestEpoch: run.epochs, ms: 1 });
    subscriber.complete();
  }
}

/** Any change of pixels or of the model shows in the mask. */
export function fakeProbability(pixel: number, modelId: string): number {
  let shift = 0;
  for (const character of modelId) shift = (shift * 31 + character.charCodeAt(0)) % 256;
  return ((pixel + shift) % 256) / 255;
}

const noWeights = { topology: {}, weightSpecs: [], weights: new Uint8Array(0) };

export function fakeCard({
  modelId,
  run,
}: {
  readonly modelId: string;
  readonly run?: TrainingRun;
}): ModelCard {
  return {
    format: 1,
    modelId,
    runId: run?.runId ?? modelId,
    folder: `model-${modelId}`,
    recipe: run?.recipe.name ?? 'default',
    size: run?.size ?? { height: 16, width: 16 },
    batchSize: run?.batchSize ?? 4,
    seed: 1,
    normalisation: { mean: 0, std: 1 },
    fold: run
      ? {
          ...run.fold,
          validationSubjects: [...run.fold.validationSubjects],
          trainedSubjects: [...(run.fold.trainedSubjects ?? [])],
        }
      : { index: 0, count: 5, validationSubjects: [] },
    dataFingerprint: run?.dataFingerprint ?? '',
    pairs: run?.pairs ?? 0,
    validationPairs: 0,
    epoch: 1,
    epochs: 1,
    metrics: { loss: 1, trainDice: 0.5, validationDice: 0.5, validationImageDice: 0.5 },
    threshold: 0.5,
    backend: 'cpu',
    precision: 'float32',
    version: '0.0.0',
    createdAt: '2020-01-01T00:00:00.000Z',
  };
}

/** A model that stands before the program starts. */
export async function placeModel(modelsFolder: string, card: ModelCard): Promise<string> {
  await saveModel(modelsFolder, card, noWeights);
  await new ModelRegistry(modelsFolder).promote(card);
  return join(modelsFolder, card.folder);
}
