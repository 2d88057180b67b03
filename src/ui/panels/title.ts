import type { PanelId } from '../layout.js';
import { dim, type Line, type Span, span } from '../line.js';
import type { View } from '../view.js';

/** `Training  what it says beside`; the panel that the keys point at is marked. */
export function panelTitle(view: View, id: PanelId, beside: Line = []): Line {
  const name = id.charAt(0).toUpperCase() + id.slice(1);
  const focused = view.ui.focus === id;
  const title: Span = focused
    ? span(`${view.theme.glyphs.focus} ${name}`, 'blue-strong')
    : span(name, 'strong');
  return beside.length === 0 ? [title] : [title, dim('  '), ...beside];
}
