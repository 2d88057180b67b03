import {
  formatCount,
  formatDuration,
  formatLearningRate,
  formatMetric,
  formatRate,
} from '../format.js';
import { padEnd, padStart } from '../layout/text-width.js';
import { dim, type Line, span, strong } from '../layout/toned-line.js';
import type { TrainingState } from '../state/training-state.js';
import { timeLeft } from '../state/training-time-left.js';
import type { View } from './panel.js';
import { bar } from './progress-bar.js';

/** Bars and figures, the most telling first where there are few lines. */
export function trainingFigures(view: View, width: number, height: number): Line[] {
  const run = view.state.training;
  const left = timeLeft(run, view.nowMs);
  const running = run.status === 'running';
  const bars: Line[] = running
    ? [
        progress(view, 'epoch', run.epoch, run.epochs, wholeShare(run), left.training, width),
        progress(
          view,
          'step',
          run.step,
          run.steps,
          shareOf(run.step, run.steps),
          left.epoch,
          width,
        ),
      ]
    : [];
  if (height < bars.length + 4)
    return [...bars.slice(0, 1), ...compact(run, width)].slice(0, height);
  const lines = [...bars, ...metrics(run, width, height - bars.length > 4)];
  if (height === lines.length + 1 && running) return [...lines, pace(run)];
  if (height >= lines.length + 2 && running) {
    return [
      ...bars,
      [],
      ...metrics(run, width, true),
      ...(height >= lines.length + 3 ? [[], pace(run)] : [pace(run)]),
    ];
  }
  return lines;
}

const shareOf = (done: number, all: number): number => (all > 0 ? done / all : 0);

function wholeShare(run: TrainingState): number {
  return shareOf(Math.max(0, run.epoch - 1) + shareOf(run.step, run.steps), run.epochs);
}

function progress(
  view: View,
  name: string,
  at: number,
  of: number,
  share: number,
  msLeft: number | null,
  width: number,
): Line {
  const position = `${formatCount(at)}/${formatCount(of)}`;
  const right = `${padStart(`${Math.floor(share * 100)}%`, 5)}  ${padEnd(
    msLeft === null ? '' : `${formatDuration(msLeft)} left`,
    12,
  )}`;
  const label = `${padEnd(name, 6)}${padStart(position, 9)} `;
  const cells = Math.max(4, width - label.length - right.length);
  return [
    dim(padEnd(name, 6)),
    span(`${padStart(position, 9)} `),
    ...bar(share, cells, view.theme),
    span(right.slice(0, 5)),
    dim(right.slice(5)),
  ];
}

/** Which Dice is which is said by the rows: two figures of that name are easily confused. */
function metrics(run: TrainingState, width: number, withEmpty: boolean): Line[] {
  const best = run.bestEpoch === null ? 'best' : `best (ep ${formatCount(run.bestEpoch)})`;
  const cells = width >= 46 ? [8, 12, 14] : [7, 11, 13];
  const row = (name: string, values: readonly string[]): Line => [
    dim(padEnd(name, 11)),
    ...values.map((value, index) => {
      const text = padStart(value, cells[index] ?? 0);
      return index === 2 ? strong(text) : span(text);
    }),
  ];
  const heading = row('', ['train', 'validation', best]).map(({ text }) => dim(text));
  const train = run.status === 'running' ? (run.batchDice ?? run.trainDice) : run.trainDice;
  return [
    heading,
    row('batch Dice', [
      formatMetric(train),
      formatMetric(run.validationDice),
      formatMetric(run.best),
    ]),
    row('image Dice', ['', formatMetric(run.validationImageDice), formatMetric(run.bestImageDice)]),
    ...(withEmpty && run.emptyShare !== null ? [emptyRow(run, run.emptyShare, cells)] : []),
    // Where there is no row for it, it stands where the loss has nothing to say.
    withEmpty || run.emptyShare === null
      ? row('loss', [formatMetric(run.loss), '', ''])
      : [
          ...row('loss', [formatMetric(run.loss)]),
          dim(
            padStart(
              `baseline: all empty ${formatMetric(run.emptyShare)}`,
              (cells[1] ?? 0) + (cells[2] ?? 0),
            ),
          ),
        ],
  ];
}

/** Without it, an image Dice says nothing: where most masks are empty, so is a good answer. */
function emptyRow(run: TrainingState, emptyShare: number, cells: readonly number[]): Line {
  // By less than a hundredth is by chance.
  const beaten = (run.bestImageDice ?? 0) > emptyShare + 0.01;
  return [
    dim(padEnd('baseline', 11)),
    dim(padStart(`all empty ${formatMetric(emptyShare)}`, (cells[0] ?? 0) + (cells[1] ?? 0))),
    beaten
      ? dim(padStart('beaten', cells[2] ?? 0))
      : span(padStart('not beaten', cells[2] ?? 0), 'orange'),
  ];
}

function pace(run: TrainingState): Line {
  return [
    dim('pace       '),
    span(`${formatRate(run.imagesPerSecond ?? 0)} images/s`),
    dim('   learning rate '),
    span(formatLearningRate(run.learningRate ?? 0)),
  ];
}

/** Where there is no room for a table. */
function compact(run: TrainingState, width: number): Line[] {
  const wide = width >= 56;
  const best = run.bestEpoch === null ? '' : ` (epoch ${run.bestEpoch})`;
  return [
    [
      dim('batch Dice '),
      span(formatMetric(run.batchDice ?? run.trainDice)),
      dim(wide ? ' train  ' : ' train '),
      span(formatMetric(run.validationDice)),
      dim(wide ? ' validation  best ' : ' valid.'),
      ...(wide ? [strong(formatMetric(run.best)), dim(best)] : []),
    ],
    [
      dim('image Dice '),
      span(formatMetric(run.validationImageDice)),
      dim(wide ? ' validation  ' : ' valid. '),
      dim('loss '),
      span(formatMetric(run.loss)),
      dim(wide ? `  ${formatRate(run.imagesPerSecond ?? 0)} images/s` : ''),
    ],
  ];
}
