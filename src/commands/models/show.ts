import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelCard, postProcessingOfCard } from '../../model/card.js';
import type { Recipe } from '../../model/recipe.js';
import { bytesUnder } from '../../store/bytes-under.js';
import type { StoredModel } from '../../store/list-models.js';
import { readTrainedOn } from '../../store/trained-on.js';
import { formatBytes, formatMetric, plural, printable } from '../../ui/format.js';
import { settingsInWords } from '../../ui/log/model-sentences.js';
import { wrapped } from '../../ui/tables/wrapped.js';
import {
  originInWords,
  sizeInWords,
  stateInWords,
  timeInWords,
  validationInWords,
} from './in-words.js';
import { factsOf, type ModelFacts, originOf } from './model-facts.js';

/** Of the values, beside their names. */
const columns = 80;

/** What `models show` tells of one model. */
export interface ModelDetails extends ModelFacts {
  readonly card: ModelCard | null;
  /** Pairs by the record of what it was trained on; null where there is none. */
  readonly samples: {
    readonly training: number;
    readonly validation: number;
    readonly leftOut: number;
  } | null;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** The command that trains it once more; null where none does. */
  readonly repeat: string | null;
}

export async function detailsOf(
  model: StoredModel,
  modelsFolder: string,
  store: string,
): Promise<ModelDetails> {
  const folder = join(modelsFolder, model.folder);
  const samples = await readTrainedOn(folder);
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names.sort().map(async (name) => ({ name, bytes: await bytesUnder(join(folder, name)) })),
  );
  return {
    ...factsOf(model),
    card: model.card,
    samples:
      samples.status === 'found'
        ? {
            training: Object.keys(samples.value.training).length,
            validation: Object.keys(samples.value.validation).length,
            leftOut: samples.value.leftOut.length,
          }
        : null,
    files,
    repeat: model.card && repeatCommand(model.card, samples.status === 'found', store),
  };
}

/** null where the model does not tell how: it was imported, or an earlier version made it. */
function repeatCommand(card: ModelCard, hasSamples: boolean, store: string): string | null {
  const train = `nerveflow train --store ${/^[\w./-]+$/.test(store) ? store : JSON.stringify(store)}`;
  if (card.voters !== undefined) {
    const { recipe, seed, size, epochs, batchSize } = card;
    return `${train} --recipe ${recipe} --seed ${seed} --size ${sizeInWords(size)} --epochs ${epochs} --batch-size ${batchSize} --fresh`;
  }
  const isTold = card.trainedWith !== undefined && hasSamples && card.importedFrom === undefined;
  return isTold ? `${train} --like ${card.modelId}` : null;
}

export function showText(details: ModelDetails): string {
  const { card, modelId, files, repeat } = details;
  const state = stateInWords(details);
  const rows: (readonly [string, string])[] = [
    ['model', `${printable(modelId)}${state === '' ? '' : ` (${state})`}`],
    ...(card === null ? [] : rowsOfCard(card, details)),
    ...files.map(
      ({ name, bytes }, nth) =>
        [nth === 0 ? 'files' : '', `${printable(name)} ${formatBytes(bytes)}`] as const,
    ),
    ['', `${formatBytes(details.bytes)} in ${printable(details.folder)}`],
    ['once more', repeat ?? 'it does not tell how it was trained'],
  ];
  return rows.map(([name, value]) => `${name.padEnd(18)}${value}`.trimEnd()).join('\n');
}

function rowsOfCard(card: ModelCard, details: ModelDetails): (readonly [string, string])[] {
  const device = [
    card.backend,
    card.precision,
    ...(card.threads ? [plural(card.threads, 'thread')] : []),
  ];
  return [
    [
      card.importedFrom ? 'imported' : 'trained',
      `${timeInWords(card.createdAt)}, nerveflow ${card.version}, ${device.join(', ')}`,
    ],
    ['from', originInWords(originOf(card))],
    ['recipe', `${printable(card.recipe)}, images of ${sizeInWords(card.size)}`],
    ...(card.epochs === 0 ? [] : rowsOfTraining(card, details)),
    [
      'post-processing',
      `${settingsInWords(postProcessingOfCard(card))}${card.postProcessing ? '' : ' (not tuned)'}`,
    ],
    ['temperature', formatMetric(card.temperature ?? 1)],
  ];
}

function rowsOfTraining(card: ModelCard, details: ModelDetails): (readonly [string, string])[] {
  const { metrics, fold, epoch, epochs, voters } = card;
  const subjects = (of: readonly (number | string)[] | undefined) =>
    of === undefined || of.length === 0 ? '' : `: ${printable(of.join(', '))}`;
  const leftOut = details.samples?.leftOut ?? card.leftOut ?? 0;
  const learnt = fold.trainedSubjects;
  return [
    [
      'settings',
      `batch size ${card.batchSize}, seed ${card.seed}, epoch ${epoch} of ${epochs} was the best`,
    ],
    ...linesOfRecipe(card.trainedWith ?? {}).map((line) => ['', line] as const),
    [
      'learnt from',
      `${plural(card.pairs, 'pair')}${leftOut > 0 ? `; ${leftOut} contradictory left out` : ''}${
        learnt ? `, ${plural(learnt.length, 'subject')}${subjects(learnt)}` : ''
      }`,
    ],
    [
      'validated on',
      `${validationInWords(details)}${subjects(fold.validationSubjects)}${
        voters === undefined ? ` (fold ${fold.index + 1} of ${fold.count})` : ''
      }`,
    ],
    [
      'Dice',
      `image ${formatMetric(metrics.validationImageDice)}, soft ${formatMetric(metrics.validationDice)}; on what it learnt from ${formatMetric(metrics.trainDice)}, loss ${formatMetric(metrics.loss)}`,
    ],
  ];
}

/** Every setting by its name in a recipe of nerveflow.config.json. */
function linesOfRecipe({ name: _, summary: __, ...recipe }: Partial<Recipe>): string[] {
  const settings = Object.entries(recipe).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return settings.length === 0 ? [] : wrapped(settings.join(', '), columns);
}
