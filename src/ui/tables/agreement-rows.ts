import type {
  Agreement,
  LabelCeiling,
  MeasureAgreement,
  UncertaintyRanking,
} from '../../events.js';
import { formatMetric, plural } from '../format.js';

/** A name, then a cell for each measure; a table's measure has a second one, of the true masks. */
export function agreementRows(measures: readonly MeasureAgreement[]): string[][] {
  const columns = measures.flatMap((each) => {
    const { measure, missed, foundMasks, trueMasks } = each;
    const unit = unitInWords(each);
    const found = { of: measure as string, unit, missed: String(missed), agrees: foundMasks };
    if (trueMasks === null) return [found];
    return [found, { of: 'of true masks', unit, missed: '', agrees: trueMasks }];
  });
  const row = (name: string, cellOf: (agreement: Agreement) => string) => [
    name,
    ...columns.map(({ agrees }) => (agrees === null ? formatMetric(null) : cellOf(agrees))),
  ];
  return [
    ['', ...columns.map(({ of }) => of)],
    ['', ...columns.map(({ unit }) => unit)],
    row('images', ({ images }) => String(images)),
    ['missed', ...columns.map(({ missed }) => missed)],
    row('true mean', ({ meanTruth }) => formatSize(meanTruth)),
    row('bias', ({ bias }) => formatSize(bias)),
    row('95 % limits, from', ({ limits }) => formatSize(limits?.low)),
    row('             to', ({ limits }) => formatSize(limits?.high)),
    row('mean abs. difference', ({ meanAbsoluteDifference }) => formatSize(meanAbsoluteDifference)),
    row('correlation', ({ correlation }) => formatMetric(correlation)),
  ];
}

export function rankingInWords(ranking: UncertaintyRanking): string {
  const { correlation, surestHalfDice, otherHalfDice } = ranking;
  return (
    `Uncertainty goes with 1 - Dice by a rank correlation of ${formatMetric(correlation, 2)}: ` +
    `Dice is ${formatMetric(surestHalfDice)} of the surest half, ${formatMetric(otherHalfDice)} of the rest.`
  );
}

export function ceilingInWords(ceiling: LabelCeiling | null): string {
  if (ceiling === null) return 'No label ceiling: no two images of a subject are near-identical.';
  const { pairs, subjects, dice, diceInterval: range } = ceiling;
  const interval = range === null ? '' : ` (${range.low.toFixed(3)}-${range.high.toFixed(3)})`;
  return (
    `Label ceiling: Dice ${formatMetric(dice)}${interval} between the masks of ` +
    `${plural(pairs, 'near-identical pair')} of images of ${plural(subjects, 'subject')}.`
  );
}

function unitInWords({ unit, against }: MeasureAgreement): string {
  const unitName = unit === 'mm2' ? 'mm²' : unit;
  return against === 'table' ? `${unitName}, by table` : unitName;
}

/** Three digits where there is room for them: 0.123, 12.3, 1234. */
function formatSize(size: number | null | undefined): string {
  if (size === null || size === undefined) return formatMetric(null);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(size)))));
  return formatMetric(size, digits);
}
