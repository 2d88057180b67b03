import type { EvaluationEvent, EvaluationFigures } from '../../events.js';
import { formatCount, formatMetric, plural } from '../format.js';
import { truncateEnd } from '../layout/text-width.js';
import { agreementRows, ceilingInWords, rankingInWords } from './agreement-rows.js';

type Scored = Extract<EvaluationEvent, { type: 'evaluation.scored' }>;
type Done = Extract<EvaluationEvent, { type: 'evaluation.done' }>;

/** A name, then four columns: 79 characters. */
const nameWidth = 23;
const cellWidth = 14;

/** The result of a cross-validation as a table of at most 80 columns. */
export function evaluationTable(result: Done): string {
  return [
    `Recipe ${result.recipe}, ${result.size}, ${plural(result.epochs, 'epoch')}: ${plural(result.pairs, 'pair')} of ${plural(result.subjects, 'subject')}, ` +
      `${result.seeds.length === 1 ? 'seed' : 'seeds'} ${result.seeds.join(', ')}.`,
    'Each image judged by a model that has not seen its subject, on its own grid.',
    '',
    ...figureLines({
      model: result.model,
      untuned: result.untuned,
      'mean mask': result.meanMask,
      'all empty': result.allEmpty,
    }),
    '',
    ...agreementLines(result.measures),
    '',
    ...wrappedWords(rankingInWords(result.uncertainty)),
    ...wrappedWords(ceilingInWords(result.labelCeiling)),
    '',
    ...foldLines(result),
    '',
    `Folds differ by a standard deviation of ${formatMetric(result.foldSpread)}.`,
    ...seedLines(result),
    `The interval is of ${formatCount(result.resamples)} resamples of the ${plural(result.subjects, 'subject')}.`,
    ...(result.subjects < 10 ? ['So few subjects say little of others: do not trust it far.'] : []),
    '',
    ...wrapped(
      'Worst:',
      result.worst.map(({ id, dice }) => `${id} ${formatMetric(dice, 2)}`),
    ),
    `Every image: ${result.csv}`,
    `All figures: ${result.json}`,
    '',
  ].join('\n');
}

/** The score of a submission, in the same form. */
export function submissionTable(result: Scored): string {
  const { missing, extra, malformed } = result;
  return [
    ...wrapped(
      `${plural(result.model.images, 'image')} of`,
      [result.submission, `against ${result.truth}`],
      ' ',
    ),
    `Rows missing: ${missing}, without a truth: ${extra}, lines malformed: ${malformed}.`,
    '',
    ...figureLines({ submission: result.model, 'all empty': result.allEmpty }),
    '',
    'The interval is over images, whose subjects nobody knows.',
    ...wrapped(
      'Worst:',
      result.worst.map(({ id, dice }) => `${id} ${formatMetric(dice, 2)}`),
    ),
    '',
  ].join('\n');
}

function figureLines(answers: Readonly<Record<string, EvaluationFigures>>): string[] {
  const figures = Object.values(answers);
  const row = (name: string, cellOf: (figures: EvaluationFigures) => string) =>
    line(name, figures.map(cellOf));
  return [
    line('', Object.keys(answers)),
    row('Dice (Kaggle)', ({ dice }) => formatMetric(dice)),
    row('  95 % interval', ({ diceInterval: range }) =>
      range === null ? '·' : `${range.low.toFixed(3)}-${range.high.toFixed(3)}`,
    ),
    row('Dice, nerve present', ({ positiveDice }) => formatMetric(positiveDice)),
    row('IoU', ({ iou }) => formatMetric(iou)),
    row('precision of presence', ({ precision }) => formatMetric(precision)),
    row('recall of presence', ({ recall }) => formatMetric(recall)),
    row('Hausdorff 95 %, pixels', ({ hausdorff95 }) => formatMetric(hausdorff95, 1)),
  ];
}

function agreementLines(measures: Done['measures']): string[] {
  if (measures.length === 0) return ['No size could be compared.'];
  // Five columns are too wide: then each measure has lines of its own.
  const blocks = measures.length < 4 ? [measures] : measures.map((measure) => [measure]);
  return blocks.flatMap((block) =>
    agreementRows(block).map(([name, ...cells]) => line(name!, cells)),
  );
}

function line(name: string, cells: readonly string[]): string {
  const padded = cells.map((cell) => cell.padStart(cellWidth));
  return `${name.padEnd(nameWidth)}${padded.join('')}`.trimEnd();
}

function foldLines({ folds }: Done): string[] {
  const header = `${'seed'.padStart(4)}${'fold'.padStart(6)}${'pairs'.padStart(7)}${'Dice'.padStart(8)}${'threshold'.padStart(11)}  held-out subjects`;
  const rows = folds.map(({ seed, fold, pairs, dice, postProcessing, subjects }) => {
    const cells =
      `${String(seed).padStart(4)}${String(fold).padStart(6)}${String(pairs).padStart(7)}` +
      `${formatMetric(dice).padStart(8)}${formatMetric(postProcessing.threshold, 2).padStart(11)}  `;
    return `${cells}${truncateEnd(subjects.join(', '), 80 - cells.length, '...')}`;
  });
  return [header, ...rows];
}

function seedLines({ seedDice }: Done): string[] {
  if (seedDice.length < 2) return [];
  return wrapped(
    'Seeds:',
    seedDice.map(({ seed, dice }) => `${seed} ${formatMetric(dice)}`),
  );
}

function wrappedWords(text: string): string[] {
  const [first = '', ...words] = text.split(' ');
  return wrapped(first, words, ' ').map((line) => line.trimStart());
}

function wrapped(title: string, items: readonly string[], separator = '; '): string[] {
  const lines: string[] = [];
  let line = title;
  for (const item of items) {
    if (line.length + item.length + 3 > 80) {
      lines.push(line);
      line = ' '.repeat(title.length);
    }
    line += `${line.trim() === '' || line === title ? ' ' : separator}${item}`;
  }
  return [...lines, line];
}
