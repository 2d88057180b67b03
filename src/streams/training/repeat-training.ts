import { join } from 'node:path';
import type { ReadingSettings } from '../../formats/reading-settings.js';
import type { ModelCard } from '../../model/card.js';
import type { PreprocessingSettings } from '../../operators/fingerprint.js';
import { fail, ok, type Result } from '../../operators/result.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import { findModel } from '../../store/find-model.js';
import { modelFolderName, readCard } from '../../store/model-folder.js';
import { fingerprintsIn, readTrainedOn, type TrainedOn } from '../../store/trained-on.js';
import { describe } from '../../store/whole-folder.js';
import { currentPairs } from './select-pairs.js';

/** What decides a training's weights, as the command line gives it. */
type TrainingSettings = Pick<
  Settings,
  | 'recipe'
  | 'recipes'
  | 'learningRate'
  | 'cleaning'
  | 'size'
  | 'batchSize'
  | 'epochs'
  | 'retrainEpochs'
  | 'seed'
  | 'folds'
> &
  Partial<ReadingSettings>;

/** A training as a model's folder tells of it, ready to be done again. */
export interface Repetition {
  readonly model: ModelCard;
  /** The model's own, in place of those that were asked for. */
  readonly settings: TrainingSettings;
  /** The very samples; null where the person wants those that there are now. */
  readonly samples: TrainedOn | null;
  /** Where it began with another model's weights. */
  readonly startFrom: ModelCard | null;
  /** For people: what differs from then, or is not as it was asked for. */
  readonly remarks: readonly string[];
}

export type RepetitionCode =
  | 'MODEL_NOT_FOUND'
  | 'MODEL_VOTES'
  | 'MODEL_TOO_OLD'
  | 'START_GONE'
  | 'DATA_DIFFERS';

/**
 * What `train --like` does: finds the model, by its folder or its id (or how that begins), and
 * compares its data with what the catalog holds now.
 */
export async function planRepetition(
  like: string,
  { otherData, ...asked }: TrainingSettings & Pick<Settings, 'otherData'>,
  catalog: Catalog,
  modelsFolder: string,
): Promise<Result<Repetition, RepetitionCode>> {
  const found = await findCard(like, modelsFolder);
  if (!found.ok) return found;
  const { folder, card } = found.value;
  if (card.voters !== undefined) {
    const hint = `on the same data, --recipe ${card.recipe} --seed ${card.seed} trains the same ones.`;
    return fail('MODEL_VOTES', `In ${card.modelId} ${card.voters} models vote; ${hint}`);
  }
  const samples = await readTrainedOn(folder);
  if (card.trainedWith === undefined || samples.status !== 'found') {
    const what = samples.status === 'found' ? 'its card has no recipe' : describe(samples);
    return fail('MODEL_TOO_OLD', `${card.modelId} does not tell how it was trained: ${what}.`);
  }
  const start = await startOfModel(card, modelsFolder);
  if (!start.ok) return start;
  const now = currentFingerprints(catalog, { ...asked, size: card.size });
  const difference = differenceOf(card, samples.value, now);
  if (difference !== null && !otherData) {
    const hint = '--other-data trains on what there is now, otherwise as then.';
    return fail(
      'DATA_DIFFERS',
      `The data is not what ${card.modelId} was trained on: ${difference}. ${hint}`,
    );
  }
  const settings = settingsOf(card, card.trainedWith, asked);
  return ok({
    model: card,
    settings,
    samples: difference === null ? samples.value : null,
    startFrom: start.value,
    remarks: [
      ...overruled(asked, settings),
      ...(difference === null ? newerPairs(samples.value, now) : [difference]),
    ],
  });
}

/** Whether the repeated training came to the same weights, in a sentence; model ids end with the weights' hash. */
export function comparedWithOriginal(
  original: ModelCard,
  repeated: ModelCard,
): { readonly isSame: boolean; readonly message: string } {
  const hashOf = ({ modelId }: ModelCard) => modelId.slice(modelId.lastIndexOf('-') + 1);
  const weights = `${repeated.modelId} has`;
  if (hashOf(original) === hashOf(repeated)) {
    return { isSame: true, message: `${weights} the weights of ${original.modelId}, bit for bit.` };
  }
  const differences = (['backend', 'precision', 'threads', 'version', 'dataFingerprint'] as const)
    .filter((key) => original[key] !== repeated[key])
    .map((key) =>
      key === 'dataFingerprint' ? 'the data' : `${key} (${original[key]}, now ${repeated[key]})`,
    );
  const why = differences.length === 0 ? '' : `; what differs is ${differences.join(', ')}`;
  return { isSame: false, message: `${weights} other weights than ${original.modelId}${why}.` };
}

/** By its folder, anywhere, or by its id. */
async function findCard(
  like: string,
  modelsFolder: string,
): Promise<Result<{ folder: string; card: ModelCard }, RepetitionCode>> {
  const elsewhere = await readCard(like);
  if (elsewhere.status === 'found') return ok({ folder: like, card: elsewhere.value });
  if (elsewhere.status === 'damaged') return fail('MODEL_NOT_FOUND', `${describe(elsewhere)}.`);
  const found = await findModel(modelsFolder, like);
  if (!found.ok) return found;
  const folder = join(modelsFolder, found.value);
  const card = await readCard(folder);
  return card.status === 'found'
    ? ok({ folder, card: card.value })
    : fail('MODEL_NOT_FOUND', `${describe(card)}.`);
}

async function startOfModel(
  { modelId, startedFrom }: ModelCard,
  modelsFolder: string,
): Promise<Result<ModelCard | null, RepetitionCode>> {
  if (startedFrom === undefined) return ok(null);
  const start = await readCard(join(modelsFolder, modelFolderName(startedFrom)));
  if (start.status === 'found') return ok(start.value);
  const hint = 'Only a training that began anew (--fresh) can be repeated without it.';
  return fail('START_GONE', `${modelId} went on from ${startedFrom}, which is gone. ${hint}`);
}

function settingsOf(
  card: ModelCard,
  recipe: NonNullable<ModelCard['trainedWith']>,
  asked: TrainingSettings,
): TrainingSettings {
  return {
    recipe: card.recipe,
    // A member of an ensemble is repeated alone.
    recipes: { ...asked.recipes, [card.recipe]: { ...recipe, models: 1 } },
    learningRate: null,
    cleaning: null,
    size: card.size,
    batchSize: card.batchSize,
    epochs: card.epochs,
    retrainEpochs: card.epochs,
    seed: card.seed,
    folds: card.fold.count,
  };
}

/** What was asked for beside `--like`, and does not count. */
function overruled(asked: TrainingSettings, used: TrainingSettings): string[] {
  const given = { learningRate: asked.learningRate, cleaning: asked.cleaning };
  const recipe = used.recipes[used.recipe]!;
  const lost = [
    ...(given.learningRate !== null && given.learningRate !== recipe.learningRate
      ? [`learning rate ${recipe.learningRate}, not ${given.learningRate}`]
      : []),
    ...(given.cleaning !== null && given.cleaning !== recipe.cleaning
      ? [`cleaning ${recipe.cleaning}, not ${given.cleaning}`]
      : []),
    ...(asked.batchSize !== null && asked.batchSize !== used.batchSize
      ? [`batch size ${used.batchSize}, not ${asked.batchSize}`]
      : []),
  ];
  return lost.length === 0 ? [] : [`the model's own settings count: ${lost.join(', ')}`];
}

/** At most so many ids are named. */
const mostNamed = 5;

/** How what a model was trained on differs from what there is now; null where all of it is there, unchanged. */
function differenceOf(
  card: ModelCard,
  samples: TrainedOn,
  now: ReadonlyMap<string, string>,
): string | null {
  const recorded = Object.entries(fingerprintsIn(samples));
  const gone = recorded.filter(([id]) => !now.has(id)).map(([id]) => id);
  const changed = recorded
    .filter(([id, fingerprint]) => now.has(id) && now.get(id) !== fingerprint)
    .map(([id]) => id);
  if (gone.length === recorded.length) {
    const { height, width } = card.size;
    return `none of its ${recorded.length} pairs is in the cache at ${height}x${width} (nerveflow ingest --size ${height}x${width} takes them in)`;
  }
  const parts = [inWords(changed, 'changed'), inWords(gone, 'gone')].filter(
    (part) => part !== null,
  );
  return parts.length === 0 ? null : parts.join(', ');
}

function newerPairs(samples: TrainedOn, now: ReadonlyMap<string, string>): string[] {
  const recorded = fingerprintsIn(samples);
  const newer = [...now.keys()].filter((id) => !(id in recorded));
  const line = inWords(newer, 'newer than the model and not used');
  return line === null ? [] : [line];
}

function inWords(ids: readonly string[], what: string): string | null {
  if (ids.length === 0) return null;
  const more = ids.length > mostNamed ? ', ...' : '';
  const pairs = ids.length === 1 ? '1 pair is' : `${ids.length} pairs are`;
  return `${pairs} ${what} (${ids.slice(0, mostNamed).join(', ')}${more})`;
}

function currentFingerprints(
  catalog: Catalog,
  settings: PreprocessingSettings,
): Map<string, string> {
  return new Map(currentPairs(catalog, settings).map(({ id, fingerprint }) => [id, fingerprint]));
}
