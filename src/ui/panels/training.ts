import {
  formatCount,
  formatDuration,
  formatMetric,
  formatWhen,
  plural,
  printable,
} from '../format.js';
import { besideLines, dim, type Line, span, strong } from '../layout/toned-line.js';
import { reasonInWords } from '../log/training-sentences.js';
import type { TrainingState } from '../state/training-state.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';
import {
  batchDiceChart,
  imageDiceChart,
  leastChart,
  lossChart,
  trainingCharts,
  trainingTrend,
} from './training-charts.js';
import { trainingFigures } from './training-figures.js';

/** Width of the figures where a curve stands beside them. */
const figuresWidth = 51;
/** Below it the curves go under the figures only if there is height for them. */
const chartRows = 7;
/** Lines of the bars and the table. */
const leastFigures = 6;
const trendRows = 3;
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
    const left = trainingFigures(view, figuresWidth - 3, room);
    const tall = room >= 2 * 9 && width < 150;
    return [
      title,
      ...besideLines(
        [
          { lines: left, width: figuresWidth - 3 },
          {
            lines: trainingCharts(view, width - figuresWidth, room, tall),
            width: width - figuresWidth,
          },
        ],
        3,
        room,
      ),
    ];
  }
  const lines = trainingFigures(view, width, room);
  const below = room - lines.length - 1;
  if (below >= chartRows) {
    return [title, ...lines, [], ...trainingCharts(view, width, below, below >= 18 && width < 60)];
  }
  if (room < leastFigures + 1) return [title, ...lines];
  const brief = trainingFigures(view, width, leastFigures);
  return [title, ...brief, ...trainingTrend(view, width, Math.min(trendRows, room - brief.length))];
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

/** Figures and the Dice that Kaggle scores above, what training sees below. */
function grid(view: View, width: number, room: number): Line[] {
  const lower = Math.floor((room - 1) * 0.46);
  const upper = room - 1 - lower;
  const beside = width - figuresWidth;
  const half = Math.floor((width - 3) / 2);
  return [
    ...besideLines(
      [
        { lines: trainingFigures(view, figuresWidth - 3, upper), width: figuresWidth - 3 },
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
