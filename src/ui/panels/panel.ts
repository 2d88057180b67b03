import type { Choices } from '../keyboard/choices.js';
import type { Line } from '../layout/toned-line.js';
import type { PictureMode } from '../pictures/picture-protocol.js';
import type { Activity } from '../state/activity.js';
import type { DashboardState } from '../state/dashboard-state.js';
import type { Theme } from '../terminal/theme.js';

/** One moment, as the panels see it. */
export interface View {
  readonly state: DashboardState;
  readonly choices: Choices;
  readonly activity: Activity;
  readonly nowMs: number;
  readonly theme: Theme;
  readonly pictures: PictureMode;
  /** Of a program that runs elsewhere: which, and whether keys may ask it for anything. */
  readonly attached?: Attached;
}

export interface Attached {
  /** For people, e.g. `process 4711 (watch)`. */
  readonly to: string;
  readonly control: boolean;
}

/**
 * A panel: a pure function to at most `height` lines of at most `width` cells. What is longer
 * is cut, so a panel need not count every cell.
 */
export type Panel = (view: View, width: number, height: number) => Line[];
