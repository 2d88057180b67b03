import { rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BehaviorSubject, lastValueFrom, Subject, tap } from 'rxjs';
import {
  type Compute,
  ComputeFailure,
  type ImageBatch,
  type TrainingRun,
  type TrainReport,
} from '../../compute/compute.js';
import type { ModelEvent, PipelineEvent, TrainReason } from '../../events.js';
import { type ModelCard, untunedOfCard } from '../../model/card.js';
import { batchSizeFor } from '../../model/recipe.js';
import { sha256 } from '../../operators/fingerprint.js';
import type { Settings } from '../../settings/options.js';
import type { CacheWrite } from '../../store/cache.js';
import type { Catalog } from '../../store/catalog.js';
import {
  type BestModel,
  clearResumable,
  findResumable,
  lookForResumable,
  type Resumable,
  readBest,
  setPointer,
} from '../../store/checkpoints.js';
import {
  describe,
  modelFolderName,
  pruneModels,
  readCard,
  removeRun,
  replaceCard,
} from '../../store/models.js';
import type { SampleRecord } from '../../store/records.js';
import { readTried, writeTried } from '../../store/tried.js';
import { beginVote, endVote, voteFolder } from '../../store/vote-folder.js';
import { predictionBatch } from '../prediction/make-predictor.js';
import { preprocessingKey, preprocessingOf } from '../staleness.js';
import { batchSource, validationOrder } from './batches.js';
import { isTransient } from './is-transient.js';
import {
  type CleanedSamples,
  cleanedEvent,
  fingerprintsOf,
  LabelCleaning,
  trainedOnOf,
} from './label-cleaning.js';
import { type Repetition, repeatedSplit } from './repetition.js';
import { scoreModel } from './score-model.js';
import { commonValidation, judged, promotedUncompared, type Start, startOf } from './succession.js';
import { type TrainedRecipe, trainRecipe } from './train-recipe.js';
import { checkpointDamaged, resumableEvents } from './training-events.js';
import { maskPriorOfSamples, normalisationOfSamples, recipeOf } from './training-inputs.js';
import {
  decideTraining,
  fitsSettings,
  type LastTraining,
  type Split,
  splitBySubject,
  subjectOf,
  type TrainingDecision,
} from './training-plan.js';
import { tuneOn, type ValidatedModel } from './tune-on.js';

export interface TrainerOptions {
  readonly catalog: Catalog;
  readonly compute: Pick<Compute, 'train' | 'interrupt' | 'predictBy' | 'putAside'>;
  readonly modelsFolder: string;
  readonly settings: Pick<
    Settings,
    | 'recipe'
    | 'recipes'
    | 'size'
    | 'batchSize'
    | 'epochs'
    | 'learningRate'
    | 'cleaning'
    | 'seed'
    | 'folds'
    | 'retrain'
    | 'postProcessing'
    | 'retrainPairs'
    | 'retrainPercent'
    | 'retrainEpochs'
    | 'fresh'
  >;
  /** The training to do again, in place of one that the settings alone decide. */
  readonly repetition?: Pick<Repetition, 'model' | 'samples' | 'startFrom'>;
  readonly now?: () => Date;
}

type Done = TrainReport & { type: 'done' };

interface TrainingData {
  /** All of them, those that cleaning leaves out included. */
  readonly pairs: readonly SampleRecord[];
  readonly split: Split;
  readonly cleaned: CleanedSamples;
}

/** Of one training: each attempt leaves out what the one before could not begin with. */
const attempts = 3;

/** A model that can predict from now on. */
export interface TrainedModel {
  readonly card: BestModel['card'];
  readonly folder: string;
  /** False for the best so far of a training that still runs. */
  readonly isFinal: boolean;
}

/**
 * Decides when to train, runs one training at a time, and moves the `best` pointer at its end,
 * unless the model before is better.
 */
export class Trainer {
  private readonly events = new Subject<PipelineEvent>();
  readonly events$ = this.events.asObservable();
  private readonly models = new Subject<TrainedModel>();
  readonly models$ = this.models.asObservable();
  private readonly started = new Subject<{
    readonly reason: TrainReason;
    readonly samples: readonly SampleRecord[];
  }>();
  readonly started$ = this.started.asObservable();
  private readonly trained = new Subject<ModelCard>();
  /** Models trained to the end, whether or not they come to predict. */
  readonly trained$ = this.trained.asObservable();
  /** From the decision on. */
  readonly busy$ = new BehaviorSubject(false);

  /** The samples of the running training; their pixels must stay. */
  runSamples: readonly SampleRecord[] = [];
  /** In the order in which they are validated. */
  private validationIds: readonly string[] = [];
  /** Models that could not be loaded, by the names of their folders, and why. */
  private readonly unusable = new Map<string, string>();
  private failedData: string | null = null;
  private readonly stopping = new AbortController();

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

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** The model to predict with at start, if there is one for these settings. */
  async standingModel(): Promise<BestModel | null> {
    const best = await this.best();
    if (best.status === 'missing') return null;
    if (best.status === 'damaged') {
      const isTrained = this.options.settings.retrain === 'auto';
      this.tellDamage(
        `${best.message}; no model is left${isTrained ? ', one is trained anew' : ''}`,
      );
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

  /**
   * The model to go on with when the one in `folder` cannot be loaded; null where none is left. The
   * folder stays as it is: what fails today, for want of file handles say, may not at the next start.
   */
  async standingModelInsteadOf(folder: string, why: string): Promise<BestModel | null> {
    this.unusable.set(basename(folder), why);
    return await this.standingModel();
  }

  private best() {
    return readBest(this.options.modelsFolder, this.unusable);
  }

  /** Decides, and trains to the end where the decision is to. One at a time. */
  async trainIfNeeded({ isRequested }: { isRequested: boolean }): Promise<TrainingDecision> {
    if (this.busy$.value || this.isStopping) return { train: false, why: 'current' };
    this.busy$.next(true);
    try {
      const preprocessing = preprocessingKey(preprocessingOf(this.options.settings.size));
      const current = [...this.options.catalog.samplesOf('train')].filter(
        (pair) => pair.preprocessing === preprocessing,
      );
      const split = this.splitOf(current);
      const pairs = [...split.training, ...split.validation];
      const best = await this.bestCard();
      const { resumable, news } = await this.resumable(split);
      const decision = await this.decide(pairs, split, isRequested, best, resumable);
      if (decision.train && !this.isStopping) {
        for (const event of news) this.events.next(event);
        await this.train(pairs, split, decision.reason, best, resumable);
      }
      return decision;
    } catch (error) {
      this.tellFailure(error);
      return { train: false, why: 'failed' };
    } finally {
      this.takeNextSettings();
      this.busy$.next(false);
    }
  }

  private splitOf(pairs: readonly SampleRecord[]): Split {
    const { repetition, settings } = this.options;
    const samples = repetition?.samples ?? null;
    return samples === null ? splitBySubject(pairs, settings.folds) : repeatedSplit(pairs, samples);
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
    this.stopping.abort();
    if (this.busy$.value) await this.options.compute.interrupt();
  }

  private async decide(
    pairs: readonly SampleRecord[],
    split: Split,
    isRequested: boolean,
    best: ModelCard | null,
    resumable: Resumable | null,
  ): Promise<TrainingDecision> {
    const { settings } = this.options;
    const decision = decideTraining({
      policy: settings.retrain,
      isRequested,
      pairs,
      hasModel: best !== null,
      last: await this.lastTraining(best, split, pairs),
      canResume: resumable !== null,
      settings,
    });
    const hasFailed = this.failedData === split.fingerprint;
    return decision.train && hasFailed && !isRequested ? { train: false, why: 'failed' } : decision;
  }

  private async bestCard(): Promise<ModelCard | null> {
    const best = await this.best();
    return best.status === 'found' ? best.value.card : null;
  }

  /** The one of the best model, or a later one whose model was not better. */
  private async lastTraining(
    best: ModelCard | null,
    split: Split,
    pairs: readonly SampleRecord[],
  ): Promise<LastTraining | null> {
    const tried = await readTried(this.options.modelsFolder);
    // Run ids begin with the time.
    const last = best === null || (tried !== null && tried.runId > best.runId) ? tried : best;
    if (last === null) return null;
    const { recipe, size, runId, dataFingerprint } = last;
    const recorded = await this.options.catalog.cache.trainingSetOf(runId);
    // Where the cache has been made anew, this still tells whether anything changed.
    const isSame = dataFingerprint === split.fingerprint;
    return { recipe, size, trainedOn: recorded ?? (isSame ? fingerprintsOf(pairs) : {}) };
  }

  /** An interrupted training of these very settings, and what is to be said if it is gone on with. */
  private async resumable(
    split: Split,
  ): Promise<{ readonly resumable: Resumable | null; readonly news: readonly PipelineEvent[] }> {
    const { modelsFolder, settings } = this.options;
    const look = await lookForResumable(modelsFolder);
    const news = resumableEvents(look);
    if (look.state !== 'found') return { resumable: null, news };
    const found = look.resumable;
    const epochs = found.startedFrom === null ? settings.epochs : retrainEpochsOf(settings);
    const isSame =
      fitsSettings({ recipe: found.recipe.name, size: found.size }, settings) &&
      isDeepStrictEqual(found.recipe, recipeOf(settings)) &&
      found.batchSize === batchSizeFor(found.recipe, found.pairs, settings.batchSize) &&
      found.epochs === epochs &&
      found.seed === settings.seed &&
      !(settings.fresh && found.startedFrom !== null) &&
      !split.validationSubjects.some((subject) => found.trainedSubjects.includes(subject));
    if (isSame) return { resumable: found, news };
    await clearResumable(modelsFolder);
    return { resumable: null, news: [] };
  }

  private async train(
    pairs: readonly SampleRecord[],
    whole: Split,
    reason: TrainReason,
    best: ModelCard | null,
    resumable: Resumable | null,
  ): Promise<void> {
    const { settings } = this.options;
    this.runSamples = pairs;
    this.started.next({ reason, samples: pairs });
    this.validationIds = validationOrder(whole);
    try {
      const { cleaning, models } = recipeOf(settings);
      if (models > 1) {
        await this.trainVote(pairs, whole, reason, best);
        return;
      }
      const cleaned = await this.cleaning.clean(whole.training, settings.size, cleaning);
      const split = { ...whole, training: cleaned.kept };
      const data = { pairs, split, cleaned };
      const plan = resumable
        ? await this.planResumed(data, resumable)
        : await this.planNew(data, this.startOf(best, split));
      const ended = await this.runToEnd(plan, data, reason);
      if (ended !== null) await this.finish(ended.done, ended.run, split);
    } catch (error) {
      if (!isTransient((error as { code?: string }).code)) this.failedData = whole.fingerprint;
      this.tellFailure(error);
    } finally {
      this.runSamples = [];
    }
  }

  private startOf(best: ModelCard | null, split: Split): Start {
    const { repetition, settings } = this.options;
    if (repetition === undefined) return startOf(best, split, settings);
    const { startFrom } = repetition;
    return startFrom === null ? { from: null, why: null } : { from: startFrom };
  }

  /** Several models vote: each is trained anew on other folds, none goes on from the one before. */
  private async trainVote(
    pairs: readonly SampleRecord[],
    split: Split,
    reason: TrainReason,
    best: ModelCard | null,
  ): Promise<void> {
    const { catalog, modelsFolder, now = () => new Date() } = this.options;
    const newRunId = now().toISOString().replaceAll(/[-:.]/g, '');
    const { runId } = await beginVote(modelsFolder, this.voteFingerprint(split), newRunId);
    const fingerprints = fingerprintsOf(pairs);
    await catalog.commit([{ put: 'training-set', runId, fingerprints }]);
    const trained = await this.trainVoters(runId, split, reason);
    if (trained === null) return;
    const standing = await readCard(trained.folder);
    if (standing.status !== 'found') throw new Error(describe(standing));
    const card = await this.tune(standing.value, trained.models, dirname(trained.folder)).catch(
      (error: unknown) => {
        if (this.isStopping) return null;
        throw error;
      },
    );
    this.options.compute.putAside();
    if (card === null) {
      // All of it is trained: at the next start it is tuned.
      this.events.next(interruptedBetween);
      return;
    }
    await rename(trained.folder, join(modelsFolder, card.folder));
    await setPointer(modelsFolder, 'best', join(modelsFolder, card.folder));
    await endVote(modelsFolder);
    await this.forgetTrainingSets(runId);
    this.failedData = null;
    const { modelId, metrics } = card;
    const { bestEpoch, trainedMs: ms } = trained;
    const reached = metrics.validationDice ?? metrics.trainDice;
    this.events.next({ type: 'train.done', modelId, best: reached, bestEpoch, ms });
    this.trained.next(card);
    const why = best === null ? 'first' : 'nothing-in-common';
    this.events.next(promotedUncompared(modelId, best?.modelId ?? null, why));
    this.offer(card, true);
  }

  /** Null when interrupted, which is told. */
  private async trainVoters(
    runId: string,
    { training, validation }: Split,
    reason: TrainReason,
  ): Promise<TrainedRecipe | null> {
    const { catalog, compute, modelsFolder, settings } = this.options;
    let isTold = false;
    const trained = await trainRecipe(
      {
        runId,
        seed: settings.seed,
        reason,
        training,
        validation,
        fold: { index: 0, count: settings.folds },
        folder: voteFolder(modelsFolder),
      },
      {
        catalog,
        compute,
        cleaning: this.cleaning,
        settings,
        recipe: recipeOf(settings),
        emit: (event) => {
          if (event.type === 'train.interrupted') isTold = true;
          this.events.next(event);
        },
        isStopped: () => this.isStopping,
      },
    );
    if (trained === null && !isTold) {
      this.events.next(interruptedBetween);
    }
    return trained;
  }

  private voteFingerprint({ fingerprint }: Split): string {
    const { size, batchSize, epochs, seed, folds } = this.options.settings;
    const recipe = recipeOf(this.options.settings);
    return sha256(JSON.stringify([fingerprint, recipe, size, batchSize, epochs, seed, folds]));
  }

  /** Null when it was interrupted. What a run cannot begin with is left out in another attempt. */
  private async runToEnd(
    plan: TrainingRun,
    data: TrainingData,
    reason: TrainReason,
  ): Promise<{ readonly done: Done; readonly run: TrainingRun } | null> {
    const { catalog, compute } = this.options;
    const { pairs, split, cleaned } = data;
    for (let run = plan, attempt = 1; ; attempt++) {
      const fingerprints = fingerprintsOf(pairs);
      await catalog.commit([{ put: 'training-set', runId: run.runId, fingerprints }]);
      // There was nothing to interrupt yet.
      if (this.isStopping) return null;
      this.events.next({
        type: 'train.started',
        runId: run.runId,
        pairs: run.pairs,
        validationPairs: run.validationPairs,
        subjects: split.subjects,
        recipe: run.recipe.name,
        epochs: run.epochs,
        reason,
        ...(run.startFrom && { startedFrom: run.startFrom.modelId }),
      });
      if (cleaned.leftOut.length > 0) this.events.next(cleanedEvent(run.runId, cleaned));
      try {
        const source = batchSource(catalog.cache, split, run);
        const last = await lastValueFrom(
          compute.train(run, source).pipe(tap((report) => this.report(report, run))),
        );
        return last.type === 'done' ? { done: last, run } : null;
      } catch (error) {
        const instead = attempt < attempts ? await this.planInstead(error, data) : null;
        if (instead === null) throw error;
        run = instead;
      }
    }
  }

  /** After a failure that lies in what the run began with: without that. */
  private async planInstead(error: unknown, data: TrainingData): Promise<TrainingRun | null> {
    if (!(error instanceof ComputeFailure)) return null;
    switch (error.code) {
      case 'START_UNUSABLE':
        return await this.planNew(data, { from: null, why: error.message });
      case 'MODEL_UNREADABLE':
        // Its checkpoints.
        await clearResumable(this.options.modelsFolder);
        return await this.planNew(data, { from: null, why: error.message });
      default:
        return null;
    }
  }

  private async planNew(data: TrainingData, start: Start): Promise<TrainingRun> {
    const { catalog, settings, modelsFolder, now = () => new Date() } = this.options;
    if (start.from === null && start.why !== null) {
      const message = `The training begins anew: ${start.why}.`;
      this.events.next({ type: 'notice', level: 'info', code: 'TRAINED_ANEW', message });
    }
    return {
      ...(await this.planOf(data, start.from?.fold.trainedSubjects ?? [])),
      runId: now().toISOString().replaceAll(/[-:.]/g, ''),
      epochs: start.from === null ? settings.epochs : retrainEpochsOf(settings),
      normalisation: await normalisationOfSamples(catalog, data.split.training),
      ...(start.from !== null && { startFrom: startFromOf(start.from.modelId, modelsFolder) }),
    };
  }

  private async planResumed(data: TrainingData, resumable: Resumable): Promise<TrainingRun> {
    const { runId, epochs, normalisation, startedFrom, folder, trainedSubjects } = resumable;
    return {
      ...(await this.planOf(data, trainedSubjects)),
      runId,
      epochs,
      normalisation,
      resumeFrom: folder,
      ...(startedFrom !== null && {
        startFrom: startFromOf(startedFrom, this.options.modelsFolder),
      }),
    };
  }

  /** @param learntBefore subjects that the weights it goes on from have learnt from */
  private async planOf({ split, cleaned }: TrainingData, learntBefore: readonly number[]) {
    const { catalog, settings, modelsFolder } = this.options;
    const { training, validation, validationSubjects } = split;
    const recipe = recipeOf(settings);
    const trainedSubjects = [...new Set([...learntBefore, ...training.map(subjectOf)])];
    return {
      recipe,
      size: settings.size,
      batchSize: batchSizeFor(recipe, training.length, settings.batchSize),
      seed: settings.seed,
      pairs: training.length,
      validationPairs: validation.length,
      dataFingerprint: split.fingerprint,
      trainedOn: trainedOnOf(split, cleaned),
      maskPrior: await maskPriorOfSamples(catalog, training),
      fold: {
        index: this.options.repetition?.model.fold.index ?? 0,
        count: settings.folds,
        validationSubjects,
        trainedSubjects: trainedSubjects.sort((a, b) => a - b),
      },
      modelsFolder,
    };
  }

  private report(report: TrainReport, { epochs }: TrainingRun): void {
    switch (report.type) {
      case 'fell-back':
        this.events.next(checkpointDamaged(report.why, 'before'));
        return;
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

  /** The new model or the old one predicts from now on; either way this training is over. */
  private async finish(done: Done, { runId }: TrainingRun, split: Split): Promise<void> {
    const { modelsFolder } = this.options;
    const { best, bestEpoch, ms } = done;
    const settled = await this.tuneAndJudge(done.model, split).catch((error: unknown) => {
      if (this.isStopping) return null;
      throw error;
    });
    if (settled === null) {
      const epoch = done.model.epochs;
      // Its last epoch is done once more, then it is judged.
      const resumable = (await findResumable(modelsFolder)) !== null;
      this.events.next({ type: 'train.interrupted', epoch, step: 0, resumable });
      return;
    }
    const { model, verdict } = settled;
    const isPromoted = verdict.type === 'model.promoted';
    if (isPromoted) {
      const standing = await this.best();
      const standIn =
        standing.status === 'found' && standing.value.insteadOf !== null
          ? standing.value.folder
          : null;
      await setPointer(modelsFolder, 'best', join(modelsFolder, model.folder), standIn);
    } else {
      await writeTried(modelsFolder, model);
    }
    await clearResumable(modelsFolder);
    if (!isPromoted) await removeRun(modelsFolder, runId);
    await this.forgetTrainingSets(runId);
    this.failedData = null;
    this.events.next({ type: 'train.done', modelId: model.modelId, best, bestEpoch, ms });
    this.trained.next(model);
    this.events.next(verdict);
    if (!isPromoted) return;
    this.offer(model, true);
    // The last checkpoint still held on to an earlier epoch's.
    await pruneModels(modelsFolder);
  }

  private async tuneAndJudge(
    trained: ModelCard,
    split: Split,
  ): Promise<{ readonly model: ModelCard; readonly verdict: ModelEvent }> {
    try {
      const { modelsFolder } = this.options;
      const folder = join(modelsFolder, trained.folder);
      const models = [{ folder, validation: split.validation }];
      const model = await this.tune(trained, models, modelsFolder);
      return { model, verdict: await this.judge(model, split) };
    } finally {
      this.options.compute.putAside();
    }
  }

  /** The model with the post-processing that suits its validation, which is saved with it. */
  private async tune(
    model: ModelCard,
    validated: readonly ValidatedModel[],
    modelsFolder: string,
  ): Promise<ModelCard> {
    const { catalog, compute, settings } = this.options;
    const predictBy = (by: string, images: ImageBatch) => {
      this.stopping.signal.throwIfAborted();
      return compute.predictBy(by, images);
    };
    const { modelId } = model;
    const untuned = untunedOfCard(model);
    const tuned = await tuneOn(validated, catalog.cache, { predictBy }, settings, untuned);
    if (tuned === null) return model;
    const { settings: postProcessing, images, before, after } = tuned;
    const card = { ...model, postProcessing };
    await replaceCard(modelsFolder, card);
    this.events.next({
      type: 'model.tuned',
      modelId,
      images,
      untunedImageDice: before,
      imageDice: after,
      postProcessing,
    });
    return card;
  }

  /** Compares the new model with the one that predicts, on pairs that neither has learnt from. */
  private async judge(model: ModelCard, { validation }: Split): Promise<ModelEvent> {
    const { catalog, compute, modelsFolder, settings } = this.options;
    const standing = await this.bestCard();
    if (standing === null || standing.modelId === model.modelId) {
      return promotedUncompared(model.modelId, null, 'first');
    }
    const uncompared = (reason: 'size-changed' | 'nothing-in-common' | 'previous-unreadable') =>
      promotedUncompared(model.modelId, standing.modelId, reason);
    const { size } = settings;
    if (standing.size.height !== size.height || standing.size.width !== size.width) {
      return uncompared('size-changed');
    }
    const common = commonValidation(model, standing, validation);
    if (common.pairs.length === 0) return uncompared('nothing-in-common');
    const scoring = {
      cache: catalog.cache,
      compute,
      modelsFolder,
      batchSize: settings.batchSize ?? predictionBatch,
      postProcessing: settings.postProcessing,
      signal: this.stopping.signal,
    };
    const previousImageDice = await scoreModel(standing, common.pairs, scoring).catch(
      (error: unknown) => {
        if (error instanceof ComputeFailure && error.code === 'MODEL_UNREADABLE') return null;
        throw error;
      },
    );
    if (previousImageDice === null) return uncompared('previous-unreadable');
    const imageDice = await scoreModel(model, common.pairs, scoring);
    const comparison = { ...common, imageDice, previousImageDice };
    return judged(model.modelId, standing.modelId, comparison);
  }

  /** But that of the last training and that of the model that predicts. */
  private async forgetTrainingSets(runId: string): Promise<void> {
    const { catalog } = this.options;
    const best = await this.bestCard();
    try {
      const outdated = (await catalog.cache.trainingRunIds()).filter(
        (id) => id !== runId && id !== best?.runId,
      );
      await catalog.commit(
        outdated.map((id): CacheWrite => ({ remove: 'training-set', runId: id })),
      );
    } catch {
      // A full disk: left for the next training.
    }
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

/** Between two trainings of a vote, or after the last one. */
const interruptedBetween: PipelineEvent = {
  type: 'train.interrupted',
  epoch: 1,
  step: 0,
  resumable: true,
};

/** Epochs of a training that goes on from a model. */
function retrainEpochsOf({
  epochs,
  retrainEpochs,
}: Pick<Settings, 'epochs' | 'retrainEpochs'>): number {
  return retrainEpochs ?? Math.ceil(epochs / 2);
}

function startFromOf(modelId: string, modelsFolder: string) {
  return { modelId, folder: join(modelsFolder, modelFolderName(modelId)) };
}
