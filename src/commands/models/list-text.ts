import { formatBytes, formatMetric, plural, printable } from '../../ui/format.js';
import {
  originInWords,
  sizeInWords,
  stateInWords,
  timeInWords,
  validationInWords,
} from './in-words.js';
import type { ModelFacts } from './model-facts.js';

const columns: readonly [string, (model: ModelFacts) => string][] = [
  ['model', ({ modelId }) => printable(modelId)],
  ['trained', ({ createdAt }) => (createdAt === null ? '·' : timeInWords(createdAt))],
  ['from', ({ origin }) => (origin === null ? '·' : originInWords(origin))],
  ['recipe', ({ recipe }) => printable(recipe ?? '·')],
  ['size', ({ size }) => (size === null ? '·' : sizeInWords(size))],
  ['Dice', ({ imageDice }) => formatMetric(imageDice)],
  ['on', (model) => (model.createdAt === null ? '·' : validationInWords(model))],
  ['disk', ({ bytes }) => formatBytes(bytes)],
  ['', stateInWords],
];

/** `nerveflow models` for people: a line a model, `>` before the one that predicts. */
export function listText(store: string, models: readonly ModelFacts[]): string {
  if (models.length === 0) return `${store} has no model yet: nerveflow train makes one`;
  const rows = models.map((model) => columns.map(([, cell]) => cell(model)));
  const titles = columns.map(([title]) => title);
  const widths = titles.map((title, nth) =>
    Math.max(title.length, ...rows.map((row) => row[nth]!.length)),
  );
  const lineOf = (cells: readonly string[]) =>
    cells.map((cell, nth) => cell.padEnd(widths[nth]!)).join('  ');
  const total = models.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    `  ${lineOf(titles)}`,
    ...rows.map((row, nth) => `${models[nth]!.isCurrent ? '>' : ' '} ${lineOf(row)}`),
    '',
    `${plural(models.length, 'model')}, ${formatBytes(total)}; > predicts. nerveflow models show <id> tells all about one.`,
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}
