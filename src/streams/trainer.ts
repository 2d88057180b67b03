import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BehaviorSubject, lastValueFrom, Subject, tap } from 'rxjs';
import type { Compute, TrainingRun, TrainReport } from '../compute/compute.js';
import type { PipelineEvent, TrainReason } from '../events.js';
import type { Settings } from '../settings/options.js';
import type { CacheWrite, TrainingSet } from '../store/cache.js';
import type { Catalog } from '../store/catalog.js';
import {
  type BestModel,
  clearResumable,
  findResumable,
  type Resumable,
  readBest,
  setPointer,
} from '../store/checkpoints.js';
import type { SampleRecord } from '../store/records.js';
import type { TrainedOn } from '../store/trained-on.js';
import { batchSource, validationOrder } from './batches.js';
import { cleanedEvent, fingerprintsOf, LabelCleaning, trainedOnOf } from './label-cleaning.js';
import { preprocessingKey, preprocessingOf } from './staleness.js';
import { normalisationOfSamples, recipeOf } from './training-inputs.js';
import {
  decideTraining,
  fitsSettings,
  type Split,
  splitBySubject,
  type TrainingDecision,
} from './training-plan.js';

export interface TrainerOptions {
  readonly catalog: Catalog;
  readonly compute: Pick<Compute, 'train' | 'interrupt'>;
  readonly modelsFolder: string;
  readonly settings: Pick<
    Settings,
    | 'recipe'
    | 'size'
    | 'batchSize'
    | 'epochs'
    | 'learningRate'
    | 'cleaning'
    | 'seed'
    | 'folds'
    | 'retrain'
  >;
  readonly now?: () => Date;
}

/** A model that can predict from now on. */
export interface TrainedModel {
  readonly card: BestModel['card'];
  readonly folder: string;
  /** False for the best so far of a training that still runs. */
  readonly isFinal: boolean;
}

/** Decides when to train, runs one training at a time, and moves the `best` pointer at its end. */
export class Trainer {
  private readonly events = new Subject<PipelineEvent>();
  readonly events$ = this.events.asObservable();
  private readonly models = new Subject<TrainedModel>();
  readonly models$ = this.models.asObservable();
  /** From the decision on. */
  readonly busy$ = new BehaviorSubject(false);

  /** The samples of the running training; their pixels must stay. */
  runSamples: readonly SampleRecord[] = [];
  /** In the order in which they are validated. */
  private validationIds: readonly string[] = [];
  private failedData: string | null = null;
  private isStopping = false;

  /** For after the training in hand. */
  private nextSettings: TrainerOptions['settings'] | null = null;

  private readonly cleaning: LabelCleaning;

  constructor(private options: TrainerOptions) {
    this.cleaning = new LabelCleaning(options.catalog.cache);
  }

  /** Goes on with other settings; a training in hand is finished with its own. */
  use(settings: TrainerOptions['settings']): void {
    this.nextSettings = settings;
    if (!this.busy$.value) this.takeNextSettings();
  }

  /** The model to predict with at start, if there is one for these settings. */
  async standingModel(): Promise<BestModel | null> {
    const best = await readBest(this.options.modelsFolder);
    if (best.status === 'missing') return null;
    if (best.status === 'damaged') {
      this.tellDamage(`${best.path}: ${best.message}; no model is left, so one is trained anew`);
      return null;
    }
    if (best.value.insteadOf !== null) {
      this.tellDamage(`${best.value.insteadOf}; the model before it serves`);
    }
    const { size } = this.options.settings;
    const fits =
      best.value.card.size.height === size.height && best.value.card.size.width === size.width;
    return fits ? best.value : null;
  }

  /** Decides, and trains to the end where the decision is to. One at a time. */
  async trainIfNeeded({ isRequested }: { isRequested: boolean }): Promise<TrainingDecision> {
    if (this.busy$.value || this.isStopping) return { train: false, why: 'current' };
    this.busy$.next(true);
    try {
      const preprocessing = preprocessingKey(preprocessingOf(this.options.settings.size));
      const pairs = [...this.options.catalog.samplesOf('train')].filter(
        (pair) => pair.preprocessing === preprocessing,
      );
      const resumable = await this.resumable();
      const decision = await this.decide(pairs, isRequested, resumable);
      if (decision.train && !this.isStopping) await this.train(pairs, decision.reason, resumable);
      return decision;
    } catch (error) {
      this.tellFailure(error);
      return { train: false, why: 'failed' };
    } finally {
      this.takeNextSettings();
      this.busy$.next(false);
    }
  }

  private takeNextSettings(): void {
    if (this.nextSettings === null) return;
    this.options = { ...this.options, settings: this.nextSettings };
    this.nextSettings = null;
    // What failed may not fail with these.
    this.failedData = null;
  }

  /** Finishes the step in hand and saves what the training needs to go on. */
  async interrupt(): Promise<void> {
    this.isStopping = true;
    if (this.busy$.value) await this.options.compute.interrupt();
  }

  private async decide(
    pairs: readonly SampleRecord[],
    isRequested: boolean,
    resumable: Resumable | null,
  ): Promise<TrainingDecision> {
    const { settings, modelsFolder } = this.options;
    const best = await readBest(modelsFolder);
    const split = splitBySubject(pairs, settings.folds);
    const model =
      best.status === 'found'
        ? { card: best.value.card, trainedOn: await this.trainedOn(best.value.card, split, pairs) }
        : null;
    const decision = decideTraining({
      policy: settings.retrain,
      isRequested,
      pairs,
      model,
      canResume: resumable !== null,
      settings,
    });
    const hasFailed = this.failedData === split.fingerprint;
    return decision.train && hasFailed && !isRequested ? { train: false, why: 'failed' } : decision;
  }

  /** Where the cache has been made anew, the model's card still tells whether anything changed. */
  private async trainedOn(
    { runId, dataFingerprint }: BestModel['card'],
    split: Split,
    pairs: readonly SampleRecord[],
  ): Promise<TrainingSet> {
    const recorded = await this.options.catalog.cache.trainingSetOf(runId);
    if (recorded !== undefined) return recorded;
    return dataFingerprint === split.fingerprint ? fingerprintsOf(pairs) : {};
  }

  /** An interrupted training of these very settings. */
  private async resumable(): Promise<Resumable | null> {
    const { modelsFolder, settings } = this.options;
    const found = await findResumable(modelsFolder);
    if (found === null) return null;
    const isSame =
      fitsSettings({ recipe: found.recipe.name, size: found.size }, settings) &&
      isDeepStrictEqual(found.recipe, recipeOf(settings)) &&
      found.batchSize === settings.batchSize &&
      found.epochs === settings.epochs &&
      found.seed === settings.seed;
    if (!isSame) await clearResumable(modelsFolder);
    return isSame ? found : null;
  }

  private async train(
    pairs: readonly SampleRecord[],
    reason: TrainReason,
    resumable: Resumable | null,
  ): Promise<void> {
    const { catalog, compute, settings } = this.options;
    const whole = splitBySubject(pairs, settings.folds);
    this.runSamples = pairs;
    this.validationIds = validationOrder(whole);
    try {
      const { cleaning } = recipeOf(settings);
      const cleaned = await this.cleaning.clean(whole.training, settings.size, cleaning);
      const split = { ...whole, training: cleaned.kept };
      const run = await this.planRun(split, resumable, trainedOnOf(split, cleaned));
      const fingerprints = fingerprintsOf(pairs);
      await catalog.commit([{ put: 'training-set', runId: run.runId, fingerprints }]);
      // There was nothing to interrupt yet.
      if (this.isStopping) return;
      this.events.next({
        type: 'train.started',
        runId: run.runId,
        pairs: run.pairs,
        validationPairs: run.validationPairs,
        subjects: split.subjects,
        recipe: run.recipe.name,
        epochs: run.epochs,
        reason,
      });
      if (cleaned.leftOut.length > 0) this.events.next(cleanedEvent(run.runId, cleaned));
      const source = batchSource(catalog.cache, split, settings);
      const last = await lastValueFrom(
        compute.train(run, source).pipe(tap((report) => this.report(report, run))),
      );
      if (last.type === 'done') await this.finish(last, run.runId);
    } catch (error) {
      this.failedData = whole.fingerprint;
      this.tellFailure(error);
    } finally {
      this.runSamples = [];
    }
  }

  private async planRun(
    split: Split,
    resumable: Resumable | null,
    trainedOn: TrainedOn,
  ): Promise<TrainingRun> {
    const { catalog, settings, modelsFolder, now = () => new Date() } = this.options;
    return {
      runId: resumable?.runId ?? now().toISOString().replaceAll(/[-:.]/g, ''),
      recipe: recipeOf(settings),
      size: settings.size,
      batchSize: settings.batchSize,
      epochs: settings.epochs,
      seed: settings.seed,
      normalisation:
        resumable?.normalisation ?? (await normalisationOfSamples(catalog, split.training)),
      pairs: split.training.length,
      validationPairs: split.validation.length,
      dataFingerprint: split.fingerprint,
      trainedOn,
      fold: { index: 0, count: settings.folds, validationSubjects: split.validationSubjects },
      modelsFolder,
      ...(resumable === null ? {} : { resumeFrom: resumable.folder }),
    };
  }

  private report(report: TrainReport, { epochs }: TrainingRun): void {
    switch (report.type) {
      case 'step':
        this.events.next({ ...report, type: 'train.step', epochs });
        return;
      case 'epoch': {
        const { savedModel, samples = [], validationEmptyShare, ...figures } = report;
        this.events.next({
          ...figures,
          type: 'train.epoch',
          epochs,
          ...(typeof validationEmptyShare === 'number' && { validationEmptyShare }),
        });
        for (const { index, ...sample } of samples) {
          const id = this.validationIds[index];
          if (id === undefined) continue;
          this.events.next({ type: 'preview', id, split: 'train', epoch: report.epoch, ...sample });
        }
        if (savedModel !== null) this.offer(savedModel, false);
        return;
      }
      case 'interrupted': {
        const { epoch, step, checkpoint } = report;
        this.events.next({
          type: 'train.interrupted',
          epoch,
          step,
          resumable: checkpoint !== null,
        });
        return;
      }
      case 'done':
        return;
    }
  }

  private async finish(done: TrainReport & { type: 'done' }, runId: string): Promise<void> {
    const { modelsFolder, catalog } = this.options;
    const { model, best, bestEpoch, ms } = done;
    await setPointer(modelsFolder, 'best', join(modelsFolder, model.folder));
    await clearResumable(modelsFolder);
    const outdated = (await catalog.cache.trainingRunIds()).filter((id) => id !== runId);
    await catalog
      .commit(outdated.map((id): CacheWrite => ({ remove: 'training-set', runId: id })))
      .catch(() => {
        // A full disk: left for the next training.
      });
    this.failedData = null;
    this.events.next({ type: 'train.done', modelId: model.modelId, best, bestEpoch, ms });
    this.offer(model, true);
  }

  private offer(card: BestModel['card'], isFinal: boolean): void {
    this.models.next({ card, folder: join(this.options.modelsFolder, card.folder), isFinal });
  }

  private tellFailure(error: unknown): void {
    const { code = 'TRAINING_FAILED', message } = error as Error & { code?: string };
    this.events.next({ type: 'train.failed', code, message });
  }

  private tellDamage(message: string): void {
    this.events.next({ type: 'notice', level: 'warning', code: 'MODEL_DAMAGED', message });
  }
}
