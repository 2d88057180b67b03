import type { Compute } from '../../compute/compute.js';
import type { PipelineEvent } from '../../events.js';
import type { ReadingSettings } from '../../formats/reading-settings.js';
import type { ModelCard } from '../../model/card.js';
import type { Recipe } from '../../model/recipe.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import type { Repetition } from './repeat-training.js';
import type { TrainingMemory } from './training-memory.js';
import type { TrainingSignal } from './training-signal.js';

/** What trainings work with: the caller's, and the same for all of them. */
export interface TrainingContext {
  readonly catalog: Catalog;
  readonly registry: ModelRegistry;
  readonly compute: Pick<Compute, 'train' | 'interrupt' | 'predictBy' | 'putAside'>;
  readonly settings: Pick<
    Settings,
    | 'raw'
    | 'layout'
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
  > &
    Partial<ReadingSettings>;
  /** The training to do again, in place of one that the settings alone decide. */
  readonly repetition?: Pick<Repetition, 'model' | 'samples' | 'startFrom'>;
  /** The imported model to go on from, in place of the current one. */
  readonly startFrom?: ModelCard;
  /** Aborted: the step in hand is finished and what is needed to go on is saved. */
  readonly stopping: AbortSignal;
  readonly emit: (event: PipelineEvent) => void;
  readonly now?: () => Date;
}

/** What one training works with. */
export interface TrainingInHand extends TrainingContext {
  readonly recipe: Recipe;
  readonly memory: TrainingMemory;
  readonly tell: (signal: TrainingSignal) => void;
}

/** What it takes to train one model, be it for the watch, a fold or an ensemble. */
export interface ModelTraining {
  readonly catalog: Pick<Catalog, 'cache'>;
  readonly compute: Pick<Compute, 'train'>;
  readonly recipe: Recipe;
  readonly settings: Pick<Settings, 'size' | 'batchSize' | 'epochs'>;
  readonly emit: (event: PipelineEvent) => void;
  /** Aborted: nothing new is begun. */
  readonly stopping: AbortSignal;
}
