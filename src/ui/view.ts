import type { Activity } from './activity.js';
import type { Line } from './line.js';
import type { DashboardState } from './state.js';
import type { Theme } from './theme.js';
import type { UiState } from './ui-state.js';

/** One moment, as the panels see it. */
export interface View {
  readonly state: DashboardState;
  readonly ui: UiState;
  readonly activity: Activity;
  readonly nowMs: number;
  readonly theme: Theme;
}

/**
 * A panel: a pure function to at most `height` lines of at most `width` cells. What is longer
 * is cut, so a panel need not count every cell.
 */
export type Panel = (view: View, width: number, height: number) => Line[];
