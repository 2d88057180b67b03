import { formatCount, formatWhen } from '../format.js';
import { dim, type Line, span } from '../layout/toned-line.js';
import type { LogEntry } from '../state/log-entries.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';

/** The last events as sentences, the newest at the bottom as in any log. */
export const log: Panel = (view, _width, height) => {
  const { items, total } = view.state.log;
  const room = height - 1;
  // Scrolled all the way back, the oldest stand at the top, not one of them at the bottom.
  const back = Math.min(view.choices.scroll.log, Math.max(0, items.length - room));
  const end = items.length - back;
  const shown = items.slice(Math.max(0, end - room), end);
  const beside =
    total === 0
      ? 'nothing yet'
      : `${formatCount(total)} since start${back > 0 ? `, ${formatCount(back)} newer below` : ''}`;
  return [
    panelTitle(view, 'log', [dim(beside)]),
    ...shown.map((entry, index) => lineOf(view, entry, back === 0 && index === shown.length - 1)),
  ];
};

function lineOf(view: View, entry: LogEntry, newest: boolean): Line {
  const { glyphs } = view.theme;
  const mark =
    entry.level === 'error'
      ? span(`${glyphs.error} `, 'orange-strong')
      : entry.level === 'warning'
        ? span(`${glyphs.warning} `, 'orange')
        : span('  ');
  return [
    dim(`${formatWhen(entry.at, view.nowMs)} `),
    mark,
    newest || entry.level !== 'info' ? span(entry.text) : dim(entry.text),
  ];
}
