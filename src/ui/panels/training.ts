import {
  formatCount,
  formatDuration,
  formatLearningRate,
  formatMetric,
  formatRate,
  formatWhen,
  plural,
  printable,
} from '../format.js';
import { padEnd, padStart } from '../layout/text-width.js';
import { besideLines, dim, type Line, span, strong } from '../layout/toned-line.js';
import { reasonInWords } from '../log/sentences.js';
import { pointsOf } from '../state/series.js';
import { type TrainingState, timeLeft } from '../state/training-state.js';
import { niceRange, plot } from './braille-plot.js';
import { chartBlock } from './line-chart.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';
import { bar } from './progress-bar.js';

/** Width of the figures where a curve stands beside them. */
const figuresWidth = 51;
const leastChart = 26;
/** Below it the curves go under the figures only if there is height for them. */
const chartRows = 7;
/** Lines of the bars and the table. */
const leastFigures = 6;
const trendRows = 3;
const trendLabel = 'so far     ';
/** From here on there is room for a chart beside the figures and two below. */
const gridRows = 17;

/** The training of this moment: how far, how good, and the curves of it. */
export const training: Panel = (view, width, height) => {
  const title = panelTitle(view, 'training', [dim(aboutOf(view.state.training))]);
  const { status } = view.state.training;
  if (status === 'none') {
    return [title, ...untrained(view).slice(0, height - 1)];
  }
  const room = height - 1;
  if (width >= figuresWidth + leastChart && width < 140 && room >= gridRows) {
    return [title, ...grid(view, width, room)];
  }
  if (width >= figuresWidth + leastChart && room >= 5) {
    const left = figures(view, figuresWidth - 3, room);
    const tall = room >= 2 * 9 && width < 150;
    return [
      title,
      ...besideLines(
        [
          { lines: left, width: figuresWidth - 3 },
          {
            lines: charts(view, width - figuresWidth, room, tall),
            width: width - figuresWidth,
          },
        ],
        3,
        room,
      ),
    ];
  }
  const lines = figures(view, width, room);
  const below = room - lines.length - 1;
  if (below >= chartRows) {
    return [title, ...lines, [], ...charts(view, width, below, below >= 18 && width < 60)];
  }
  if (room < leastFigures + 1) return [title, ...lines];
  const brief = figures(view, width, leastFigures);
  return [title, ...brief, ...trend(view, width, Math.min(trendRows, room - brief.length))];
};

/** What there is instead of a training, and what it would take. */
function untrained({ state, nowMs, attached }: View): Line[] {
  const { serving, pending, intake } = state;
  if (serving !== null) {
    const when = formatWhen(Date.parse(serving.trainedAt), nowMs).trim();
    const by = ` (${printable(serving.recipe)} recipe, ${plural(serving.pairs, 'pair')})`;
    // Who only looks on may not ask for it.
    const byKey = attached?.control === false ? 'another one ' : 't trains now; by itself ';
    return [
      [dim('none since start: the model of '), span(when), dim(` predicts${by}`)],
      ...(serving.imageDice === null
        ? []
        : [
            [
              dim('on images held out from it: image Dice '),
              strong(formatMetric(serving.imageDice)),
            ],
          ]),
      [dim(`${byKey}with --retrain auto when enough pairs have changed`)],
    ];
  }
  // Not before all was looked at is it known what is there.
  if (pending === null) {
    return [[dim(intake.train > 0 ? 'none yet: begins when all is taken in' : 'none yet')]];
  }
  return intake.train === 0
    ? [[dim('none yet: it needs images with masks in raw/train')]]
    : [[dim('none yet: too few images with masks, or it waits for you (t trains now)')]];
}

/** Where no chart has room: how it went, without an axis. */
function trend({ state, theme }: View, width: number, rows: number): Line[] {
  const { trainDice, validationDice } = state.training.curves;
  const drawn = [
    { points: pointsOf(trainDice), tone: 'blue', dotted: false },
    { points: pointsOf(validationDice), tone: 'orange', dotted: true },
  ] as const;
  const points = drawn.flatMap((curve) => curve.points);
  if (points.length < 2) return [];
  const last = Math.max(1, Math.ceil(Math.max(...points.map(({ x }) => x)) - 1e-9));
  const plotted = plot([...drawn], {
    columns: width - trendLabel.length,
    rows,
    x: { from: 0, to: last },
    y: niceRange(
      points.map(({ y }) => y),
      0,
    ),
    log: false,
    ascii: theme.glyphs.ascii,
  });
  return plotted.map((line, row) => [
    dim(row === 0 ? trendLabel : ' '.repeat(trendLabel.length)),
    ...line,
  ]);
}

/** Figures and the Dice that Kaggle scores above, what training sees below. */
function grid(view: View, width: number, room: number): Line[] {
  const lower = Math.floor((room - 1) * 0.46);
  const upper = room - 1 - lower;
  const beside = width - figuresWidth;
  const half = Math.floor((width - 3) / 2);
  return [
    ...besideLines(
      [
        { lines: figures(view, figuresWidth - 3, upper), width: figuresWidth - 3 },
        { lines: imageDiceChart(view, beside, upper), width: beside },
      ],
      3,
      upper,
    ),
    [],
    ...besideLines(
      [
        { lines: batchDiceChart(view, half, lower), width: half },
        { lines: lossChart(view, width - 3 - half, lower), width: width - 3 - half },
      ],
      3,
      lower,
    ),
  ];
}

function aboutOf(run: TrainingState): string {
  if (run.status === 'none') return '';
  if (run.status === 'running') {
    const validation =
      run.validationPairs > 0 ? ` + ${formatCount(run.validationPairs)} held out` : '';
    const leftOut = run.leftOut > 0 ? `, ${formatCount(run.leftOut)} left out` : '';
    return (
      `${printable(run.recipe)} recipe · ${plural(run.pairs, 'pair')}${leftOut}${validation} · ` +
      `${plural(run.subjects, 'subject')} · ${reasonInWords(run.reason)}`
    );
  }
  const took = run.endedAt === null ? '' : ` after ${formatDuration(run.endedAt - run.startedAt)}`;
  switch (run.status) {
    case 'done':
      return `done${took} · model ${printable(run.modelId ?? '')}`;
    case 'interrupted':
      return `stopped${took}: ${run.message}`;
    case 'failed':
      return `failed${took}: ${printable(run.message)}`;
  }
}

/** Bars and figures, the most telling first where there are few lines. */
function figures(view: View, width: number, height: number): Line[] {
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

/** Dice first: where only one curve has room, it is the one that tells how good the model is. */
function charts(view: View, width: number, height: number, stacked: boolean): Line[] {
  if (stacked) {
    const half = Math.floor((height - 1) / 2);
    return [...batchDiceChart(view, width, half), [], ...lossChart(view, width, half)];
  }
  const drawn =
    width >= 3 * leastChart + 6 && view.state.training.validationImageDice !== null
      ? [imageDiceChart, batchDiceChart, lossChart]
      : width >= 2 * leastChart + 3
        ? [batchDiceChart, lossChart]
        : [batchDiceChart];
  const each = Math.floor((width - 3 * (drawn.length - 1)) / drawn.length);
  return besideLines(
    drawn.map((chart) => ({ lines: chart(view, each, height), width: each })),
    3,
    height,
  );
}

function imageDiceChart({ state, theme }: View, width: number, height: number): Line[] {
  const { curves, earlier, emptyShare } = state.training;
  return chartBlock({
    title: 'image Dice',
    curves: [
      {
        name: 'validation',
        shortName: 'val.',
        series: curves.validationImageDice,
        tone: 'orange',
        dotted: false,
      },
    ],
    faint: earlier.map(({ validationImageDice }) => validationImageDice),
    ...(emptyShare !== null && {
      line: { name: 'baseline: all empty', shortName: 'empty', y: emptyShare },
    }),
    width,
    height,
    floor: 0,
    log: false,
    theme,
  });
}

function batchDiceChart({ state, theme }: View, width: number, height: number): Line[] {
  const { curves, earlier } = state.training;
  return chartBlock({
    title: 'batch Dice',
    curves: [
      { name: 'train', shortName: 'train', series: curves.trainDice, tone: 'blue', dotted: false },
      {
        name: 'validation',
        shortName: 'val.',
        series: curves.validationDice,
        tone: 'orange',
        dotted: true,
      },
    ],
    faint: earlier.map(({ validationDice }) => validationDice),
    width,
    height,
    floor: 0,
    log: false,
    theme,
  });
}

function lossChart({ state, theme, choices }: View, width: number, height: number): Line[] {
  const { curves, earlier } = state.training;
  return chartBlock({
    title: 'loss',
    curves: [
      { name: 'train', shortName: 'train', series: curves.loss, tone: 'blue', dotted: false },
    ],
    faint: earlier.map(({ loss }) => loss),
    width,
    height,
    log: choices.logAxis,
    theme,
  });
}
