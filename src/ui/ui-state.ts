import type { Action } from './keys.js';
import { type PanelId, panelIds } from './layout.js';
import { inOrder, keyOf, type PictureOrder, type Previews, placeOf } from './previews.js';

/** What the person at the keyboard chose; nothing of the pipeline. */
export interface UiState {
  readonly help: boolean;
  readonly hidden: ReadonlySet<PanelId>;
  readonly focus: PanelId | null;
  readonly zoomed: boolean;
  readonly logAxis: boolean;
  /** `chosen` stays while newer ones come; null follows the first. */
  readonly picture: { readonly order: PictureOrder; readonly chosen: string | null };
  /** Only failures that have these letters are shown. */
  readonly filter: string;
  /** Keys go into the filter. */
  readonly isTyping: boolean;
  /** Entries that a list is scrolled back by from its newest. */
  readonly scroll: Readonly<Record<ScrolledPanel, number>>;
  /** Until when a second `q` stops. */
  readonly confirmUntil: number | null;
  readonly stopping: boolean;
  /** The answer to a key, for a moment. */
  readonly toast: { readonly text: string; readonly until: number } | null;
}

export type ScrolledPanel = 'failures' | 'log';

/** What the program is asked to do. */
export type Command =
  | { readonly type: 'quit' }
  | { readonly type: 'pause'; readonly paused: boolean }
  | { readonly type: 'train' }
  | { readonly type: 'predict-again' }
  | { readonly type: 'retry-failed' }
  | { readonly type: 'redraw' };

export interface Situation {
  readonly training: boolean;
  readonly paused: boolean;
  readonly nowMs: number;
  readonly previews: Previews;
  readonly failures: number;
  /** Entries that each list holds. */
  readonly entries: Readonly<Record<ScrolledPanel, number>>;
  /** Looks at a program that runs elsewhere: leaving stops nothing. */
  readonly attached: { readonly control: boolean } | null;
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
  picture: { order: 'newest', chosen: null },
  filter: '',
  isTyping: false,
  scroll: { failures: 0, log: 0 },
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
  if (situation.attached?.control === false && asksProgram.has(action)) {
    return { ui: say('only looking on; attach --control may ask for that') };
  }
  switch (action) {
    case 'interrupt':
      return { ui: { ...ui, stopping: true }, command: { type: 'quit' } };
    case 'quit':
      return situation.training && situation.attached === null && !asking && !before.stopping
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
    case 'retry':
      return situation.failures === 0
        ? { ui: say('nothing has failed') }
        : { ui: say('tries failed files again'), command: { type: 'retry-failed' } };
    case 'filter':
      return { ui: { ...ui, isTyping: true, scroll: { ...ui.scroll, failures: 0 } } };
    case 'worst': {
      const order = ui.picture.order === 'newest' ? 'worst' : 'newest';
      return { ui: { ...ui, picture: { order, chosen: null } } };
    }
    case 'picture-older':
      return { ui: leaf(ui, situation.previews, 1) };
    case 'picture-newer':
      return { ui: leaf(ui, situation.previews, -1) };
    case 'help':
      return { ui: { ...ui, help: !ui.help } };
    case 'back':
      if (asking) return { ui: say('goes on') };
      if (ui.help) return { ui: { ...ui, help: false } };
      if (ui.zoomed) return { ui: { ...ui, zoomed: false } };
      if (ui.filter !== '') return { ui: { ...ui, filter: '' } };
      return {
        ui: {
          ...ui,
          focus: null,
          picture: { ...ui.picture, chosen: null },
          scroll: initialUi.scroll,
        },
      };
    case 'next-panel':
      return { ui: moveFocus(ui, 1) };
    case 'previous-panel':
      return { ui: moveFocus(ui, -1) };
    case 'up':
      return { ui: scrollOrMove(ui, -1, situation) };
    case 'down':
      return { ui: scrollOrMove(ui, 1, situation) };
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

const asksProgram: ReadonlySet<Action> = new Set(['pause', 'train', 'predict', 'retry']);

/** A key while the filter is being typed. */
export function typeKey(ui: UiState, key: string): UiState {
  switch (key) {
    case 'enter':
      return { ...ui, isTyping: false };
    case 'esc':
      return { ...ui, isTyping: false, filter: '' };
    case 'backspace':
      return { ...ui, filter: [...ui.filter].slice(0, -1).join('') };
    case 'space':
      return { ...ui, filter: `${ui.filter} ` };
    default:
      // Names of more than one letter are keys that write nothing.
      return [...key].length === 1 ? { ...ui, filter: ui.filter + key } : ui;
  }
}

function leaf(ui: UiState, previews: Previews, by: 1 | -1): UiState {
  const ordered = inOrder(previews, ui.picture.order);
  const place = placeOf(ordered, ui.picture.chosen) + by;
  const next = ordered[place];
  // Back at the newest, it follows what comes.
  const chosen = next === undefined || (place === 0 && by === -1) ? null : keyOf(next);
  return place >= ordered.length ? ui : { ...ui, picture: { ...ui.picture, chosen } };
}

/** The newest failure stands at the top, the newest line of the log at the bottom. */
function scrollOrMove(ui: UiState, by: 1 | -1, { entries }: Situation): UiState {
  const { focus, scroll } = ui;
  if (focus !== 'failures' && focus !== 'log') return moveFocus(ui, by);
  const back = focus === 'log' ? -by : by;
  const to = Math.min(Math.max(0, entries[focus] - 1), Math.max(0, scroll[focus] + back));
  return { ...ui, scroll: { ...scroll, [focus]: to } };
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
