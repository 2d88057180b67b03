import type { ControlRequest } from '../controls.js';
import { type PanelId, panelIds } from '../layout/panel-layout.js';
import { inOrder, keyOf, type PictureOrder, type Previews, placeOf } from '../state/previews.js';
import type { Action } from './key-bindings.js';

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

/** What the program is asked to do. */
export type Command = ControlRequest | { readonly type: 'quit' } | { readonly type: 'redraw' };

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
  readonly choices: Choices;
  readonly command?: Command;
}

const confirmMs = 5_000;
const toastMs = 3_000;

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

export function press(before: Choices, action: Action, situation: Situation): Pressed {
  const { nowMs } = situation;
  const asking = before.confirmUntil !== null && nowMs < before.confirmUntil;
  // Any other key answers the question with no.
  const choices: Choices = { ...before, confirmUntil: null };
  const say = (text: string): Choices => ({ ...choices, toast: { text, until: nowMs + toastMs } });
  if (situation.attached?.control === false && asksProgram.has(action)) {
    return { choices: say('only looking on; attach --control may ask for that') };
  }
  switch (action) {
    case 'interrupt':
      return { choices: { ...choices, stopping: true }, command: { type: 'quit' } };
    case 'quit':
      return situation.training && situation.attached === null && !asking && !before.stopping
        ? { choices: { ...choices, toast: null, confirmUntil: nowMs + confirmMs } }
        : { choices: { ...choices, stopping: true }, command: { type: 'quit' } };
    case 'pause':
      return {
        choices: say(situation.paused ? 'goes on taking in files' : 'pauses: new files wait'),
        command: { type: 'pause', paused: !situation.paused },
      };
    case 'train':
      return { choices: say('asked to train'), command: { type: 'train' } };
    case 'predict':
      return { choices: say('asked to predict again'), command: { type: 'predict-again' } };
    case 'retry':
      return situation.failures === 0
        ? { choices: say('nothing has failed') }
        : { choices: say('tries failed files again'), command: { type: 'retry-failed' } };
    case 'filter':
      return {
        choices: { ...choices, isTyping: true, scroll: { ...choices.scroll, failures: 0 } },
      };
    case 'worst': {
      const order = choices.picture.order === 'newest' ? 'worst' : 'newest';
      return { choices: { ...choices, picture: { order, chosen: null } } };
    }
    case 'picture-older':
      return { choices: leaf(choices, situation.previews, 1) };
    case 'picture-newer':
      return { choices: leaf(choices, situation.previews, -1) };
    case 'help':
      return { choices: { ...choices, help: !choices.help } };
    case 'back':
      if (asking) return { choices: say('goes on') };
      if (choices.help) return { choices: { ...choices, help: false } };
      if (choices.zoomed) return { choices: { ...choices, zoomed: false } };
      if (choices.filter !== '') return { choices: { ...choices, filter: '' } };
      return {
        choices: {
          ...choices,
          focus: null,
          picture: { ...choices.picture, chosen: null },
          scroll: initialChoices.scroll,
        },
      };
    case 'next-panel':
      return { choices: moveFocus(choices, 1) };
    case 'previous-panel':
      return { choices: moveFocus(choices, -1) };
    case 'up':
      return { choices: scrollOrMove(choices, -1, situation) };
    case 'down':
      return { choices: scrollOrMove(choices, 1, situation) };
    case 'zoom':
      return {
        choices:
          choices.focus === null ? moveFocus(choices, 1) : { ...choices, zoomed: !choices.zoomed },
      };
    case 'log-axis':
      return { choices: { ...choices, logAxis: !choices.logAxis } };
    case 'redraw':
      return { choices, command: { type: 'redraw' } };
    default:
      return { choices: togglePanel(choices, action.slice('panel:'.length) as PanelId) };
  }
}

const asksProgram: ReadonlySet<Action> = new Set(['pause', 'train', 'predict', 'retry']);

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

function leaf(choices: Choices, previews: Previews, by: 1 | -1): Choices {
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
function scrollOrMove(choices: Choices, by: 1 | -1, { entries }: Situation): Choices {
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

function moveFocus(choices: Choices, by: 1 | -1): Choices {
  const shown = panelIds.filter((id) => !choices.hidden.has(id));
  if (shown.length === 0) return choices;
  const at = choices.focus === null ? (by === 1 ? -1 : 0) : shown.indexOf(choices.focus);
  return { ...choices, focus: shown[(at + by + shown.length) % shown.length] ?? null };
}

function togglePanel(choices: Choices, id: PanelId): Choices {
  const hidden = new Set(choices.hidden);
  if (!hidden.delete(id)) hidden.add(id);
  const lost = choices.focus !== null && hidden.has(choices.focus);
  return { ...choices, hidden, ...(lost ? { focus: null, zoomed: false } : {}) };
}
