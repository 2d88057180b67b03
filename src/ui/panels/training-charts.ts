import { besideLines, dim, type Line } from '../layout/toned-line.js';
import { pointsOf, type Series } from '../state/series.js';
import type { Curves } from '../state/training-state.js';
import { niceRange, plot } from './braille-plot.js';
import { type ChartCurve, type ChartOptions, lineChart } from './line-chart.js';
import type { View } from './panel.js';

/** The narrowest that a chart says anything in. */
export const leastChart = 26;
const trendLabel = 'so far     ';

/** Dice first: where only one curve has room, it is the one that tells how good the model is. */
export function trainingCharts(
  view: View,
  width: number,
  height: number,
  stacked: boolean,
): Line[] {
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

export function imageDiceChart(view: View, width: number, height: number): Line[] {
  const { curves, emptyShare } = view.state.training;
  return chartOf('validationImageDice', view, width, height, {
    title: 'image Dice',
    curves: [{ ...validation, series: curves.validationImageDice, dotted: false }],
    ...(emptyShare !== null && {
      line: { name: 'baseline: all empty', shortName: 'empty', y: emptyShare },
    }),
    floor: 0,
  });
}

export function batchDiceChart(view: View, width: number, height: number): Line[] {
  const { trainDice, validationDice } = view.state.training.curves;
  return chartOf('validationDice', view, width, height, {
    title: 'batch Dice',
    curves: [trainCurve(trainDice), { ...validation, series: validationDice, dotted: true }],
    floor: 0,
  });
}

export function lossChart(view: View, width: number, height: number): Line[] {
  return chartOf('loss', view, width, height, {
    title: 'loss',
    curves: [trainCurve(view.state.training.curves.loss)],
    log: view.choices.logAxis,
  });
}

/** Runs before this one are seen faintly, by their curve of this name. */
function chartOf(
  before: keyof Curves,
  { state, theme }: View,
  width: number,
  height: number,
  options: Pick<ChartOptions, 'title' | 'curves' | 'line' | 'floor'> & { readonly log?: boolean },
): Line[] {
  const faint = state.training.earlier.map((curves) => curves[before]);
  return lineChart({ log: false, ...options, faint, width, height, theme });
}

const validation = { name: 'validation', shortName: 'val.', tone: 'orange' } as const;

const trainCurve = (series: Series): ChartCurve => ({
  name: 'train',
  shortName: 'train',
  series,
  tone: 'blue',
  dotted: false,
});

/** Where no chart has room: how it went, without an axis. */
export function trainingTrend({ state, theme }: View, width: number, rows: number): Line[] {
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
