import type { PanelId } from '../layout/panel-ids.js';
import { dim, type Line, type Span, span } from '../layout/toned-line.js';
import type { View } from './panel.js';

const names: Readonly<Record<PanelId, string>> = {
  pipeline: 'Pipeline',
  training: 'Training',
  picture: 'What the model sees',
  predictions: 'Predictions',
  system: 'System',
  failures: 'Failures',
  log: 'Log',
};

/** `Training  what it says beside`; the panel that the keys point at is marked. */
export function panelTitle(view: View, id: PanelId, beside: Line = []): Line {
  const name = names[id];
  const focused = view.choices.focus === id;
  const title: Span = focused
    ? span(`${view.theme.glyphs.focus} ${name}`, 'blue-strong')
    : span(name, 'strong');
  return beside.length === 0 ? [title] : [title, dim('  '), ...beside];
}
