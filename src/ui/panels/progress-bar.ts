import { type Line, span } from '../layout/toned-line.js';
import type { Theme } from '../terminal/theme.js';

/** A thin bar of `width` cells; the share is always written beside it by its panel. */
export function bar(share: number, width: number, theme: Theme): Line {
  const bounded = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  const full = Math.round(bounded * width);
  return [
    span(theme.glyphs.full.repeat(full), 'blue'),
    span(theme.glyphs.empty.repeat(width - full), 'dim'),
  ];
}
