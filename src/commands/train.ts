import type { PipelineEvent, StoppedEvent } from '../events.js';
import type { ModelCard } from '../model/card.js';
import { type Recipe, recipes } from '../model/recipe.js';
import type { Settings } from '../settings/options.js';
import { readConfigFile, readSettings, UsageError } from '../settings/read-settings.js';
import type { Catalog } from '../store/catalog.js';
import {
  comparedWithOriginal,
  planRepetition,
  type Repetition,
} from '../streams/training/repetition.js';
import { Trainer } from '../streams/training/trainer.js';
import { leastPairs } from '../streams/training/training-plan.js';
import {
  type Command,
  computeOptions,
  logOptions,
  successionOptions,
  trainOptions,
} from './command.js';
import { runFlow } from './run-flow.js';

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
      ({ store, compute, emit }) => {
        const { catalog, paths } = store;
        let trainer: Trainer | null = null;
        let isStopped = false;
        let reason: StoppedEvent['reason'] = 'done';
        return {
          run: async () => {
            const repetition = await repetitionOf(settings, catalog, paths.models, emit);
            if (repetition === 'none') return 'failed';
            if (isStopped) return 'interrupted';
            trainer = new Trainer({
              catalog,
              compute,
              settings: { ...settings, ...repetition?.settings },
              modelsFolder: paths.models,
              ...(repetition !== null && { repetition }),
            });
            trainer.events$.subscribe((event) => {
              if (event.type === 'train.failed') reason = 'failed';
              if (event.type === 'train.interrupted') reason = 'interrupted';
              emit(event);
            });
            if (repetition !== null) tellWhetherSame(repetition.model, trainer, emit);
            const decision = await trainer.trainIfNeeded({ isRequested: true });
            if (!decision.train) {
              const message = `The cache of ${paths.root} holds too few pairs to train on; at least ${leastPairs} are needed. Run nerveflow ingest first.`;
              emit({ type: 'notice', level: 'error', code: 'TOO_FEW_PAIRS', message });
              return 'failed';
            }
            return reason;
          },
          stop: async () => {
            isStopped = true;
            await trainer?.interrupt();
          },
        };
      },
    ),
};

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

/** When the training is done. */
function tellWhetherSame(
  original: ModelCard,
  trainer: Trainer,
  emit: (event: PipelineEvent) => void,
): void {
  trainer.trained$.subscribe((repeated) => {
    const { isSame, message } = comparedWithOriginal(original, repeated);
    const level = isSame ? 'info' : 'warning';
    emit({ type: 'notice', level, code: isSame ? 'REPEATED' : 'NOT_REPEATED', message });
  });
}
