import { type PanelId, panelIds } from '../layout/panel-ids.js';
import { inOrder, keyOf, type PictureOrder, type Previews, placeOf } from '../state/previews.js';

/** What the person at the keyboard chose; nothing of the pipeline. */
export interface Choices {
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

export const initialChoices: Choices = {
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

/** A key while the filter is being typed. */
export function typeKey(choices: Choices, key: string): Choices {
  switch (key) {
    case 'enter':
      return { ...choices, isTyping: false };
    case 'esc':
      return { ...choices, isTyping: false, filter: '' };
    case 'backspace':
      return { ...choices, filter: [...choices.filter].slice(0, -1).join('') };
    case 'space':
      return { ...choices, filter: `${choices.filter} ` };
    default:
      // Names of more than one letter are keys that write nothing.
      return [...key].length === 1 ? { ...choices, filter: choices.filter + key } : choices;
  }
}

export function leaf(choices: Choices, previews: Previews, by: 1 | -1): Choices {
  const ordered = inOrder(previews, choices.picture.order);
  const place = placeOf(ordered, choices.picture.chosen) + by;
  const next = ordered[place];
  // Back at the newest, it follows what comes.
  const chosen = next === undefined || (place === 0 && by === -1) ? null : keyOf(next);
  return place >= ordered.length
    ? choices
    : { ...choices, picture: { ...choices.picture, chosen } };
}

/** The newest failure stands at the top, the newest line of the log at the bottom. */
export function scrollOrMove(
  choices: Choices,
  by: 1 | -1,
  entries: Readonly<Record<ScrolledPanel, number>>,
): Choices {
  const { focus, scroll } = choices;
  if (focus !== 'failures' && focus !== 'log') return moveFocus(choices, by);
  const back = focus === 'log' ? -by : by;
  const to = Math.min(Math.max(0, entries[focus] - 1), Math.max(0, scroll[focus] + back));
  return { ...choices, scroll: { ...scroll, [focus]: to } };
}

/** The panels to lay out. */
export function wantedPanels(choices: Choices): ReadonlySet<PanelId> {
  if (choices.zoomed && choices.focus !== null) return new Set([choices.focus]);
  return new Set(panelIds.filter((id) => !choices.hidden.has(id)));
}

/** When something on the screen changes by itself, or null. */
export function expiryOf(choices: Choices, nowMs: number): number | null {
  const times = [choices.confirmUntil, choices.toast?.until].filter(
    (time): time is number => time !== null && time !== undefined && time > nowMs,
  );
  return times.length === 0 ? null : Math.min(...times);
}

export function moveFocus(choices: Choices, by: 1 | -1): Choices {
  const shown = panelIds.filter((id) => !choices.hidden.has(id));
  if (shown.length === 0) return choices;
  const at = choices.focus === null ? (by === 1 ? -1 : 0) : shown.indexOf(choices.focus);
  return { ...choices, focus: shown[(at + by + shown.length) % shown.length] ?? null };
}

export function togglePanel(choices: Choices, id: PanelId): Choices {
  const hidden = new Set(choices.hidden);
  if (!hidden.delete(id)) hidden.add(id);
  const lost = choices.focus !== null && hidden.has(choices.focus);
  return { ...choices, hidden, ...(lost ? { focus: null, zoomed: false } : {}) };
}
