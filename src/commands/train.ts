import { lastValueFrom, type Observable, tap } from 'rxjs';
import type { PipelineEvent, StoppedEvent } from '../events.js';
import type { ModelCard } from '../model/card.js';
import { type Recipe, recipes } from '../model/recipe.js';
import type { Settings } from '../settings/options.js';
import { readConfigFile, readSettings, UsageError } from '../settings/read-settings.js';
import type { Catalog } from '../store/catalog.js';
import { ModelRegistry } from '../store/model-registry.js';
import {
  makeCacheToModel,
  type TrainingOutcome,
  type TrainingSignal,
} from '../streams/cache-to-model.js';
import { leastPairs } from '../streams/training/decide-training.js';
import {
  comparedWithOriginal,
  planRepetition,
  type Repetition,
} from '../streams/training/repeat-training.js';
import {
  type Command,
  computeOptions,
  logOptions,
  successionOptions,
  trainOptions,
} from './command.js';
import { type Flow, runFlow } from './run-flow.js';

/** The program's recipes, and those of a nerveflow.config.json that can be read. */
function recipeList(): string {
  let known: Readonly<Record<string, Recipe>> = recipes;
  try {
    const file = readConfigFile();
    known = readSettings({ flags: {}, variables: {}, file }).recipes;
  } catch (error) {
    // The command itself says what is wrong with it; help is help.
    if (!(error instanceof UsageError)) throw error;
  }
  const width = Math.max(...Object.keys(known).map((name) => name.length)) + 2;
  const lines = Object.values(known).map(
    ({ name, summary }) => `  ${name.padEnd(width)}${summary}`,
  );
  return `Recipes:\n${lines.join('\n')}`;
}

export const train: Command = {
  name: 'train',
  summary: 'train on the cache, exit; goes on from an interrupted training or from the best model',
  details: recipeList,
  options: [
    'store',
    ...computeOptions,
    ...trainOptions,
    ...successionOptions,
    'like',
    'otherData',
    'metrics',
    ...logOptions,
  ],
  run: (settings) =>
    runFlow(
      settings,
      { command: 'train', needsCompute: true, needsRaw: false, servesMetrics: true },
      (flow) => {
        const stopping = new AbortController();
        return {
          run: () => trainOnce(flow, stopping.signal),
          stop: async () => stopping.abort(),
        };
      },
    ),
};

async function trainOnce(
  { settings, store, compute, emit }: Flow,
  stopping: AbortSignal,
): Promise<StoppedEvent['reason']> {
  const { catalog, paths } = store;
  const repetition = await repetitionOf(settings, catalog, paths.models, emit);
  if (repetition === 'none') return 'failed';
  const cacheToModel = makeCacheToModel({
    catalog,
    compute,
    settings: { ...settings, ...repetition?.settings },
    registry: new ModelRegistry(paths.models),
    ...(repetition !== null && { repetition }),
    stopping,
  });
  const outcome = await outcomeOf(cacheToModel({ isRequested: true }), emit);
  switch (outcome.type) {
    case 'interrupted':
    case 'failed':
      return outcome.type;
    case 'not-due': {
      const message = `The cache of ${paths.root} holds too few pairs to train on; at least ${leastPairs} are needed. Run nerveflow ingest first.`;
      emit({ type: 'notice', level: 'error', code: 'TOO_FEW_PAIRS', message });
      return 'failed';
    }
    case 'trained':
      if (repetition !== null) tellWhetherSame(repetition.model, outcome.model, emit);
      return 'done';
  }
}

async function outcomeOf(
  training$: Observable<TrainingSignal>,
  emit: (event: PipelineEvent) => void,
): Promise<TrainingOutcome> {
  const last = await lastValueFrom(
    training$.pipe(
      tap((signal) => {
        if (signal.type === 'event') emit(signal.event);
      }),
    ),
  );
  if (last.type !== 'ended') throw new Error('a training ended without an outcome');
  return last.outcome;
}

/** What `--like` asks for; null without it, `none` where it cannot be done, which has been told. */
async function repetitionOf(
  settings: Settings,
  catalog: Catalog,
  modelsFolder: string,
  emit: (event: PipelineEvent) => void,
): Promise<Repetition | null | 'none'> {
  if (settings.like === null) return null;
  const planned = await planRepetition(settings.like, settings, catalog, modelsFolder);
  if (!planned.ok) {
    emit({ type: 'notice', level: 'error', ...planned.failure });
    return 'none';
  }
  const { model, remarks } = planned.value;
  const message = [`Repeating the training of ${model.modelId}`, ...remarks].join('; ');
  emit({ type: 'notice', level: 'info', code: 'REPEATING', message: `${message}.` });
  return planned.value;
}

function tellWhetherSame(
  original: ModelCard,
  repeated: ModelCard,
  emit: (event: PipelineEvent) => void,
): void {
  const { isSame, message } = comparedWithOriginal(original, repeated);
  const level = isSame ? 'info' : 'warning';
  emit({ type: 'notice', level, code: isSame ? 'REPEATED' : 'NOT_REPEATED', message });
}
