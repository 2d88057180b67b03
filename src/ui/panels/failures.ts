import { formatCount, formatWhen, printable, relativeTo } from '../format.js';
import { displayWidth, padEnd, truncateEnd, truncateMiddle } from '../layout/text-width.js';
import { dim, type Line, span } from '../layout/toned-line.js';
import type { Failure } from '../state/dashboard-state.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';

/** The latest failures, newest first: which file, where, and what can be done about it. */
export const failures: Panel = (view, width, height) => {
  const { items, total } = view.state.failures;
  if (total === 0) return [panelTitle(view, 'failures', [dim('none')])];
  const { filter, isTyping, scroll } = view.choices;
  const matching = items.filter((failure) => matches(view, failure, filter));
  const title = panelTitle(view, 'failures', [
    span(formatCount(total), 'orange-strong'),
    ...(filter === '' && !isTyping
      ? []
      : [dim(`  ${formatCount(matching.length)} with `), span(`/${printable(filter)}`, 'blue')]),
    ...(scroll.failures > 0 ? [dim(`  from the ${formatCount(scroll.failures + 1)}. newest`)] : []),
  ]);
  const newest = matching.toReversed().slice(Math.min(scroll.failures, matching.length - 1));
  const room = height - 1;
  // Two lines each read better, one each show more; the width decides.
  const lines =
    width >= 88
      ? newest.map((failure) => oneLine(view, failure, width))
      : room >= 2
        ? newest.flatMap((failure) => twoLines(view, failure, width))
        : newest.map((failure) => briefLine(view, failure, width));
  const fit = width < 88 && room >= 2 ? room - (room % 2) : room;
  return [title, ...lines.slice(0, fit)];
};

/** Any of what is shown of it, in any case. */
function matches(view: View, failure: Failure, filter: string): boolean {
  if (filter === '') return true;
  const { stage, code, message } = failure;
  const text = `${pathOf(view, failure)} ${stage} ${code} ${message}`;
  return text.toLowerCase().includes(filter.toLowerCase());
}

function oneLine(view: View, failure: Failure, width: number): Line {
  const pathWidth = Math.min(36, Math.floor(width * 0.32));
  return [
    dim(`${formatWhen(failure.at, view.nowMs)} `),
    span(`${view.theme.glyphs.error} `, 'orange-strong'),
    span(padEnd(truncateMiddle(pathOf(view, failure), pathWidth), pathWidth)),
    dim(` ${failure.stage} `),
    span(printable(failure.code), 'orange'),
    dim(` ${printable(failure.message)}`),
  ];
}

function twoLines(view: View, failure: Failure, width: number): Line[] {
  const code = truncateEnd(printable(failure.code), Math.floor(width * 0.5));
  const room = width - 3 - displayWidth(code);
  return [
    [
      span(`${view.theme.glyphs.error} `, 'orange-strong'),
      span(truncateMiddle(pathOf(view, failure), room)),
      span(` ${code}`, 'orange'),
    ],
    [
      dim(
        `  ${formatWhen(failure.at, view.nowMs)} ${failure.stage}: ${printable(failure.message)}`,
      ),
    ],
  ];
}

function briefLine(view: View, failure: Failure, width: number): Line {
  const code = printable(failure.code);
  return [
    span(`${view.theme.glyphs.error} `, 'orange-strong'),
    span(truncateMiddle(pathOf(view, failure), Math.max(8, width - 3 - code.length))),
    span(` ${code}`, 'orange'),
  ];
}

function pathOf(view: View, failure: Failure): string {
  return printable(relativeTo(view.state.ready?.raw, failure.path));
}
