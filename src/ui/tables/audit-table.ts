import type { AuditEvent, LeftOutReason } from '../../events.js';
import { formatCount, formatMetric, plural, printable } from '../format.js';
import { truncateEnd } from '../layout/text-width.js';
import { wrapped } from './wrapped.js';

/** More of one kind would hide the others; `--json` has all. */
const rowsAtMost = 20;
const columns = 80;

/** What an audit found, in at most 80 columns: a section for each kind, each with what to do. */
export function auditTable(report: AuditEvent): string {
  const { pairs, emptyMasks, subjects, testImages, size } = report;
  const sections = sectionsOf(report).filter(({ rows }) => rows.length > 0);
  const head = [
    `${plural(pairs, 'pair')} of ${plural(subjects.length, 'subject')}, ${plural(testImages, 'test image')}, looked at on a grid of ${size}.`,
    pairs === 0
      ? 'There is nothing to look at: no image has a mask. nerveflow layout tells what each file is.'
      : `${formatCount(emptyMasks)} masks are empty (${formatPercent(emptyMasks / pairs)}).`,
  ];
  const found = sections.flatMap(({ title, advice, header, rows }) => [
    '',
    `${title} (${formatCount(rows.length)})`,
    ...wrapped(advice, columns),
    ...(header === undefined ? [] : [`  ${header}`]),
    ...rows.slice(0, rowsAtMost).map((row) => truncateEnd(`  ${row}`, columns, '...')),
    ...(rows.length > rowsAtMost
      ? [`  ... and ${formatCount(rows.length - rowsAtMost)} more: --json lists all`]
      : []),
  ]);
  const nothing = sections.length === 0 && pairs > 0 ? ['', 'Nothing to object to.'] : [];
  return [...head, ...subjectLines(report), ...found, ...nothing, ''].join('\n');
}

interface Section {
  readonly title: string;
  readonly advice: string;
  readonly header?: string;
  readonly rows: readonly string[];
}

function sectionsOf(report: AuditEvent): Section[] {
  const { contradictions, partialOverlaps, duplicates, copiedMasks, sizes } = report;
  const { doubts, atBorder, inPieces, unpaired, unreadable } = report;
  return [
    {
      title: 'Doubtful masks',
      advice:
        'Taken as they are, but perhaps not what was meant. Look at them; --label, --mask-polarity and --mask-kind say how masks are to be read.',
      rows: doubts.map(({ mask, message }) =>
        printable(mask === null ? message : `${mask.file}: ${message}`),
      ),
    },
    {
      title: 'The same image where it leaks',
      advice:
        'Under two subjects, or in train and in test: what is held out has been seen, and every score is too good. Give both the same subject number, or remove one.',
      header: columnsOf('image', 'the same as', 'alike'),
      rows: duplicates.map(({ kind, first, second, similarity }) =>
        columnsOf(
          first.file,
          second.file,
          kind === 'identical' ? 'equal' : formatMetric(similarity, 2),
        ),
      ),
    },
    {
      title: 'Contradictory pairs',
      advice:
        'Near-identical images of one subject whose masks disagree. Training leaves these out (--cleaning none does not); validation keeps them. Look at both, and correct or delete the wrong mask.',
      header: columnsOf('left out', 'against', 'alike', 'Dice', 'why'),
      rows: contradictions.map(({ mask, againstMask, similarity, dice, reason }) =>
        columnsOf(
          mask,
          againstMask,
          formatMetric(similarity, 2),
          formatMetric(dice, 2),
          why(reason),
        ),
      ),
    },
    {
      title: 'Overlapping only in part',
      advice:
        'Outlines on near-identical images that agree, but not well. They are trained on; look at them if borders matter.',
      header: columnsOf('mask', 'and', 'alike', 'Dice'),
      rows: partialOverlaps.map(({ first, second, similarity, dice }) =>
        columnsOf(first.file, second.file, formatMetric(similarity, 2), formatMetric(dice, 2)),
      ),
    },
    {
      title: 'One mask under different images',
      advice: 'The same mask file under images that are not alike: copied by mistake, perhaps.',
      rows: copiedMasks.map(({ masks }) => masks.map(({ file }) => printable(file)).join(', ')),
    },
    {
      title: 'Unusual label sizes',
      advice: `Far from the median of ${formatPercent(sizes.median ?? 0)} of the image (modified z-score over 3.5). Look whether the outline is what it should be.`,
      header: columnsOf('mask', 'area', 'z'),
      rows: sizes.outliers.map(({ mask, area, z }) =>
        columnsOf(mask.file, formatPercent(area), formatMetric(z, 1)),
      ),
    },
    {
      title: 'In several pieces',
      advice: 'Two nerves, or a stray spot of the pen.',
      header: columnsOf('mask', 'pieces'),
      rows: inPieces.map(({ mask, pieces }) => columnsOf(mask.file, String(pieces))),
    },
    {
      title: "At the image's edge",
      advice: 'The nerve may go on outside; nothing is wrong with that unless it should not.',
      rows: atBorder.map(({ file }) => printable(file)),
    },
    {
      title: 'Without a partner',
      advice: 'Not trained on until the other half is there, of the same name.',
      header: columnsOf('file', 'is missing its'),
      rows: unpaired.map(({ file, missing }) => columnsOf(file, missing)),
    },
    {
      title: 'Not taken in',
      advice: 'Not trained on and not predicted until the file changes.',
      rows: unreadable.map(({ file, code, message }) => printable(`${file}: ${message} (${code})`)),
    },
  ];
}

/** Only where there is something to compare: a subject whose share of empty masks is another's. */
function subjectLines({ subjects }: AuditEvent): string[] {
  if (subjects.length === 0) return [];
  const rows = subjects.map(({ subject, pairs, empty, leftOut, validates }) =>
    [
      String(subject).padStart(9),
      formatCount(pairs).padStart(7),
      formatPercent(pairs === 0 ? 0 : empty / pairs).padStart(8),
      formatCount(leftOut).padStart(15),
      validates ? '  validates' : '',
    ].join(''),
  );
  return ['', '  subject  pairs   empty  contradictory', ...rows];
}

function why(reason: LeftOutReason): string {
  switch (reason) {
    case 'empty-against-outlined':
      return 'empty';
    case 'outlined-against-empty':
      return 'others empty';
    case 'outline-elsewhere':
      return 'elsewhere';
  }
}

/** Two wide columns for files, narrow ones for the rest. */
function columnsOf(...cells: readonly string[]): string {
  return cells
    .map((cell, nth) => printable(cell).padEnd(nth < 2 ? 24 : 7))
    .join(' ')
    .trimEnd();
}

function formatPercent(share: number): string {
  return `${formatMetric(100 * share, 1)} %`;
}
