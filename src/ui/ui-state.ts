import type { Action } from './keys.js';
import { type PanelId, panelIds } from './layout.js';

/** What the person at the keyboard chose; nothing of the pipeline. */
export interface UiState {
  readonly help: boolean;
  readonly hidden: ReadonlySet<PanelId>;
  readonly focus: PanelId | null;
  readonly zoomed: boolean;
  readonly logAxis: boolean;
  /** Until when a second `q` stops. */
  readonly confirmUntil: number | null;
  readonly stopping: boolean;
  /** The answer to a key, for a moment. */
  readonly toast: { readonly text: string; readonly until: number } | null;
}

/** What the program is asked to do. */
export type Command =
  | { readonly type: 'quit' }
  | { readonly type: 'pause'; readonly paused: boolean }
  | { readonly type: 'train' }
  | { readonly type: 'predict-again' }
  | { readonly type: 'redraw' };

export interface Situation {
  readonly training: boolean;
  readonly paused: boolean;
  readonly nowMs: number;
}

export interface Pressed {
  readonly ui: UiState;
  readonly command?: Command;
}

const confirmMs = 5_000;
const toastMs = 3_000;

export const initialUi: UiState = {
  help: false,
  hidden: new Set(),
  focus: null,
  zoomed: false,
  logAxis: false,
  confirmUntil: null,
  stopping: false,
  toast: null,
};

export function press(before: UiState, action: Action, situation: Situation): Pressed {
  const { nowMs } = situation;
  const asking = before.confirmUntil !== null && nowMs < before.confirmUntil;
  // Any other key answers the question with no.
  const ui: UiState = { ...before, confirmUntil: null };
  const say = (text: string): UiState => ({ ...ui, toast: { text, until: nowMs + toastMs } });
  switch (action) {
    case 'interrupt':
      return { ui: { ...ui, stopping: true }, command: { type: 'quit' } };
    case 'quit':
      return situation.training && !asking && !before.stopping
        ? { ui: { ...ui, toast: null, confirmUntil: nowMs + confirmMs } }
        : { ui: { ...ui, stopping: true }, command: { type: 'quit' } };
    case 'pause':
      return {
        ui: say(situation.paused ? 'goes on taking in files' : 'pauses: new files wait'),
        command: { type: 'pause', paused: !situation.paused },
      };
    case 'train':
      return { ui: say('asked to train'), command: { type: 'train' } };
    case 'predict':
      return { ui: say('asked to predict again'), command: { type: 'predict-again' } };
    case 'help':
      return { ui: { ...ui, help: !ui.help } };
    case 'back':
      if (asking) return { ui: say('goes on') };
      if (ui.help) return { ui: { ...ui, help: false } };
      return { ui: ui.zoomed ? { ...ui, zoomed: false } : { ...ui, focus: null } };
    case 'next-panel':
      return { ui: moveFocus(ui, 1) };
    case 'previous-panel':
      return { ui: moveFocus(ui, -1) };
    case 'zoom':
      return { ui: ui.focus === null ? moveFocus(ui, 1) : { ...ui, zoomed: !ui.zoomed } };
    case 'log-axis':
      return { ui: { ...ui, logAxis: !ui.logAxis } };
    case 'redraw':
      return { ui, command: { type: 'redraw' } };
    default:
      return { ui: togglePanel(ui, action.slice('panel:'.length) as PanelId) };
  }
}

/** The panels to lay out. */
export function wantedPanels(ui: UiState): ReadonlySet<PanelId> {
  if (ui.zoomed && ui.focus !== null) return new Set([ui.focus]);
  return new Set(panelIds.filter((id) => !ui.hidden.has(id)));
}

/** When something on the screen changes by itself, or null. */
export function expiryOf(ui: UiState, nowMs: number): number | null {
  const times = [ui.confirmUntil, ui.toast?.until].filter(
    (time): time is number => time !== null && time !== undefined && time > nowMs,
  );
  return times.length === 0 ? null : Math.min(...times);
}

function moveFocus(ui: UiState, by: 1 | -1): UiState {
  const shown = panelIds.filter((id) => !ui.hidden.has(id));
  if (shown.length === 0) return ui;
  const at = ui.focus === null ? (by === 1 ? -1 : 0) : shown.indexOf(ui.focus);
  return { ...ui, focus: shown[(at + by + shown.length) % shown.length] ?? null };
}

function togglePanel(ui: UiState, id: PanelId): UiState {
  const hidden = new Set(ui.hidden);
  if (!hidden.delete(id)) hidden.add(id);
  const lost = ui.focus !== null && hidden.has(ui.focus);
  return { ...ui, hidden, ...(lost ? { focus: null, zoomed: false } : {}) };
}
