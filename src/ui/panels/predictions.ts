import type { ModelEvent } from '../../events.js';
import {
  baseName,
  formatAgo,
  formatCount,
  formatMetric,
  formatWhen,
  plural,
  printable,
} from '../format.js';
import { padEnd } from '../layout/text-width.js';
import { dim, type Line, span, strong } from '../layout/toned-line.js';
import type { EvaluationState } from '../state/evaluation-state.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';
import { bar } from './progress-bar.js';

/** What was predicted and what stands in the file that is handed in. */
export const predictions: Panel = (view, width, height) => {
  if (view.state.evaluation !== null) return evaluated(view, view.state.evaluation, height);
  if (height < 2) return [panelTitle(view, 'predictions', inOneLine(view, width))];
  const { submission, predictions: made } = view.state;
  const label = (text: string): ReturnType<typeof dim> => dim(padEnd(text, 15));
  const lines: Line[] = [
    submission === null
      ? [label('submission'), dim(noneYet(view))]
      : [
          label(printable(baseName(submission.path))),
          span(plural(submission.rows, 'row')),
          dim(`, ${width >= 44 ? 'written ' : ''}${formatAgo(view.nowMs - submission.at)}`),
        ],
    submission === null
      ? [label('with a nerve'), dim(view.theme.glyphs.none)]
      : [
          label('with a nerve'),
          span(formatCount(submission.nonEmpty)),
          dim(' '),
          ...bar(shareOf(view), Math.max(4, Math.min(16, width - 30)), view.theme),
          dim(` ${Math.round(shareOf(view) * 100)}%`),
        ],
    [label('predicted'), span(formatCount(made.done)), dim(' since start')],
    [label('pending'), ...pendingOf(view)],
    ...modelOf(view, width - 15).map((said) => [label('model'), ...said]),
  ];
  return [panelTitle(view, 'predictions'), ...lines].slice(0, height);
};

/** Before all was looked at, nobody knows what an earlier run left. */
function noneYet({ state }: View): string {
  const isUnknown = state.pending === null && state.training.status === 'none';
  return isUnknown ? 'not looked at yet' : 'none yet';
}

function modelOf({ state, nowMs }: View, width: number): Line[] {
  const { serving, verdict } = state;
  // Before there is any, an early one of the training predicts; its end replaces it.
  if (serving?.isInterim) return [[dim('an early one')]];
  if (verdict !== null && verdict.type !== 'model.promoted') return [verdictOf(verdict)];
  if (verdict?.previous != null) return [verdictOf(verdict)];
  if (serving === null) return [];
  const of = `, of ${formatWhen(Date.parse(serving.trainedAt), nowMs).trim()}`;
  const whole: Line = [
    dim('image Dice '),
    span(formatMetric(serving.imageDice)),
    dim(width >= 16 + of.length ? of : ''),
  ];
  return [whole];
}

/** Which model predicts, with its image Dice, and what the other one reached on the same images. */
function verdictOf(verdict: ModelEvent): Line {
  if (verdict.type === 'model.kept') {
    const { imageDice, rejectedImageDice } = verdict;
    return [
      span(`old ${formatMetric(imageDice)}`),
      dim(`, new ${formatMetric(rejectedImageDice)}`),
    ];
  }
  const { imageDice, previousImageDice } = verdict;
  if (imageDice === null) return [span('new'), dim(', not compared')];
  return [span(`new ${formatMetric(imageDice)}`), dim(`, old ${formatMetric(previousImageDice)}`)];
}

/** Of a cross-validation, which predicts no test image: how far, and what it comes to so far. */
function evaluated(view: View, evaluation: EvaluationState, height: number): Line[] {
  const { rounds, roundsDone, pairs, diceSum, worst } = evaluation;
  const folds = `${roundsDone} of ${plural(rounds, 'fold')}`;
  const mean = pairs === 0 ? null : diceSum / pairs;
  const soFar: Line = [dim('image Dice '), strong(formatMetric(mean))];
  if (height < 2) return [panelTitle(view, 'predictions', [span(folds), dim('  '), ...soFar])];
  const label = (text: string) => dim(padEnd(text, 15));
  return [
    panelTitle(view, 'predictions', [dim('held-out images')]),
    [label('evaluated'), span(folds)],
    [label('image Dice'), strong(formatMetric(mean)), dim(evaluation.isDone ? '' : ' so far')],
    [
      label('worst fold'),
      ...(worst === null
        ? [dim(view.theme.glyphs.none)]
        : [span(formatMetric(worst.dice)), dim(` (fold ${worst.fold})`)]),
    ],
  ].slice(0, height);
}

function inOneLine(view: View, width: number): Line {
  const { submission } = view.state;
  const pending = view.state.pending ?? 0;
  if (submission === null) {
    return [dim(pending > 0 ? `${formatCount(pending)} pending` : noneYet(view))];
  }
  return [
    span(plural(submission.rows, 'row')),
    dim(`, ${formatCount(submission.nonEmpty)} with a nerve`),
    dim(pending > 0 ? `, ${formatCount(pending)} pending` : ''),
    dim(width >= 70 ? `, written ${formatAgo(view.nowMs - submission.at)}` : ''),
  ];
}

/** Those in the queue now; else what was left when all was done. */
function pendingOf(view: View): Line {
  const { predict } = view.state.stages;
  const queued = (predict.queued ?? 0) + (predict.inFlight ?? 0) + (predict.waiting ?? 0);
  const pending = Math.max(queued, view.state.pending ?? 0);
  return pending === 0
    ? [dim('0')]
    : [
        span(formatCount(pending), 'orange'),
        dim(` ${pending === 1 ? 'image' : 'images'} without a current prediction`),
      ];
}

function shareOf({ state }: View): number {
  return state.submission === null || state.submission.rows === 0
    ? 0
    : state.submission.nonEmpty / state.submission.rows;
}
