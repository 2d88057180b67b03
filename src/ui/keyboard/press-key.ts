import type { ControlRequest } from '../controls.js';
import type { PanelId } from '../layout/panel-ids.js';
import type { Previews } from '../state/previews.js';
import {
  type Choices,
  initialChoices,
  leaf,
  moveFocus,
  type ScrolledPanel,
  scrollOrMove,
  togglePanel,
} from './choices.js';
import { type Action, asksProgram } from './key-bindings.js';

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
      return { choices: scrollOrMove(choices, -1, situation.entries) };
    case 'down':
      return { choices: scrollOrMove(choices, 1, situation.entries) };
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
