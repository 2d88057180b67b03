import { formatCount, formatDuration, formatRate, plural } from '../format.js';
import { padEnd, padStart } from '../layout/text-width.js';
import { dim, type Line, type Span, span } from '../layout/toned-line.js';
import { reasonInWords } from '../log/training-sentences.js';
import { itemsPerSecond } from '../state/smoothed-rate.js';
import { backlogOf, type StageRow, type StageState, stageRows } from '../state/stage-state.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';
import { bar } from './progress-bar.js';

interface Column {
  readonly name: string;
  readonly width: number;
  readonly cell: (stage: StageState, row: StageRow, view: View) => Span;
}

const columns: readonly Column[] = [
  { name: 'done', width: 8, cell: ({ done }, _row, view) => count(done, view, 'plain') },
  {
    name: 'in flight',
    width: 10,
    cell: ({ inFlight }, _row, view) => count(inFlight, view, 'blue'),
  },
  { name: 'queued', width: 8, cell: ({ queued }, _row, view) => count(queued, view, 'plain') },
  { name: 'waiting', width: 8, cell: ({ waiting }, _row, view) => count(waiting, view, 'orange') },
  {
    name: 'failed',
    width: 7,
    cell: ({ failed }, _row, view) => count(failed, view, 'orange-strong'),
  },
  { name: 'items/s', width: 8, cell: rateCell },
];

const nameWidth = 12;
const leastNote = 14;
/** Dropped from the table where there is little room, in this order. */
const droppable = ['waiting', 'in flight', 'items/s'];
/** Kept longest where there are few rows. */
const rowPriority: readonly StageRow[] = [
  'ingest',
  'train',
  'predict',
  'submission',
  'pair',
  'settle',
];

/** One row a stage: what it did, has in hand, and what waits for it. */
export const pipeline: Panel = (view, width, height) => {
  let shown = columns;
  for (const name of droppable) {
    if (nameWidth + tableWidth(shown) <= width) break;
    shown = shown.filter((column) => column.name !== name);
  }
  const noteWidth = width - nameWidth - tableWidth(shown) - 3;
  const kept = new Set(rowPriority.slice(0, Math.max(1, height - 1)));
  const [title] = panelTitle(view, 'pipeline');
  const head: Line = [
    span(padEnd(title?.text ?? '', nameWidth), title?.tone ?? 'strong'),
    ...shown.map(({ name, width: cells }) => dim(padStart(name, cells))),
  ];
  return [
    head,
    ...stageRows
      .filter((row) => kept.has(row))
      .map((row): Line => {
        const stage = view.state.stages[row];
        const busy = (stage.inFlight ?? 0) > 0;
        const name = `${busy ? view.theme.glyphs.busy : ' '} ${row}`;
        return [
          span(padEnd(name, nameWidth), busy ? 'blue-strong' : 'plain'),
          ...shown.map(({ width: cells, cell }) => {
            const { text, tone } = cell(stage, row, view);
            return span(padStart(text, cells), tone);
          }),
          ...(noteWidth >= leastNote ? [dim('   '), ...noteOf(row, stage, view, noteWidth)] : []),
        ];
      }),
  ];
};

const tableWidth = (shown: readonly Column[]): number =>
  shown.reduce((sum, { width }) => sum + width, 0);

function count(value: number | null, view: View, tone: Span['tone']): Span {
  if (value === null) return dim(view.theme.glyphs.none);
  return value === 0 ? dim('0') : span(formatCount(value), tone);
}

function rateCell(stage: StageState, row: StageRow, view: View): Span {
  if (row === 'submission' || row === 'settle') return dim(view.theme.glyphs.none);
  const { training } = view.state;
  const rate =
    row === 'train'
      ? training.status === 'running'
        ? (training.imagesPerSecond ?? 0)
        : 0
      : resting(stage, view)
        ? 0
        : itemsPerSecond(stage.rate, view.nowMs);
  return rate === 0 ? dim(view.theme.glyphs.none) : span(formatRate(rate));
}

/** A smoothed rate takes its time to fade; a stage that is known to be empty has none. */
function resting(stage: StageState, view: View): boolean {
  return (stage.queued ?? 0) + (stage.inFlight ?? 0) === 0 && view.nowMs - stage.rate.at > 2_000;
}

/** What the numbers of a row do not say. */
function noteOf(row: StageRow, stage: StageState, view: View, width: number): Line {
  const { state, nowMs, theme } = view;
  const backlog = backlogOf(stage, nowMs);
  if (backlog !== null) {
    const time = backlog.msLeft === null ? '' : `, ${formatDuration(backlog.msLeft)}`;
    const left = time !== '' && width >= 24 ? `${time} left` : time;
    const text = ` ${Math.floor(backlog.share * 100)}%${left}`;
    return [
      ...bar(backlog.share, Math.min(20, Math.max(2, width - text.length)), theme),
      dim(text),
    ];
  }
  switch (row) {
    case 'settle':
      if (state.ignored === 0) return [];
      return [
        dim(
          width >= 24
            ? `${plural(state.ignored, 'other file')} ignored`
            : `${formatCount(state.ignored)} ignored`,
        ),
      ];
    case 'ingest':
      return [
        dim(
          state.intake.cached > 0
            ? `${formatCount(state.intake.cached)} ${width >= 24 ? 'from the cache' : 'cached'}`
            : '',
        ),
      ];
    case 'pair':
      if ((stage.waiting ?? 0) === 0) return [];
      return [dim(width >= 24 ? 'image or mask is missing' : 'no partner yet')];
    case 'train': {
      const { training } = state;
      if (training.status === 'running') return [dim(reasonInWords(training.reason))];
      return [dim(training.modelId === null || width < 40 ? '' : `model ${training.modelId}`)];
    }
    case 'predict':
      // How many nerves were found is told of the rows: a second model would count them twice.
      return [];
    case 'submission':
      return [
        dim(
          (stage.waiting ?? 0) > 0
            ? width >= 24
              ? 'waiting for predictions'
              : 'to be predicted'
            : state.submission === null
              ? ''
              : plural(state.submission.rows, 'row'),
        ),
      ];
  }
}
