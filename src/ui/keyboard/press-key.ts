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
export type Command =
  | ControlRequest
  | { readonly type: 'quit' }
  | { readonly type: 'redraw' }
  | { readonly type: 'suspend' };

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
  const choose = (over: Partial<Choices>): Pressed => ({ choices: { ...choices, ...over } });
  const say = (text: string): Pressed => choose({ toast: { text, until: nowMs + toastMs } });
  const ask = (command: Command, text: string): Pressed => ({ ...say(text), command });
  const quit: Pressed = { ...choose({ stopping: true }), command: { type: 'quit' } };
  if (situation.attached?.control === false && asksProgram.has(action)) {
    return say('only looking on; attach --control may ask for that');
  }
  switch (action) {
    case 'interrupt':
      return quit;
    case 'quit':
      return situation.training && situation.attached === null && !asking && !before.stopping
        ? choose({ toast: null, confirmUntil: nowMs + confirmMs })
        : quit;
    case 'pause':
      return ask(
        { type: 'pause', paused: !situation.paused },
        situation.paused ? 'goes on taking in files' : 'pauses: new files wait',
      );
    case 'train':
      return ask({ type: 'train' }, 'asked to train');
    case 'predict':
      return ask({ type: 'predict-again' }, 'asked to predict again');
    case 'retry':
      return situation.failures === 0
        ? say('nothing has failed')
        : ask({ type: 'retry-failed' }, 'tries failed files again');
    case 'redraw':
    case 'suspend':
      return { choices, command: { type: action } };
    case 'filter':
      return choose({ isTyping: true, scroll: { ...choices.scroll, failures: 0 } });
    case 'worst': {
      const order = choices.picture.order === 'newest' ? 'worst' : 'newest';
      return choose({ picture: { order, chosen: null } });
    }
    case 'picture-older':
      return choose(leaf(choices, situation.previews, 1));
    case 'picture-newer':
      return choose(leaf(choices, situation.previews, -1));
    case 'help':
      return choose({ help: !choices.help });
    case 'back':
      if (asking) return say('goes on');
      if (choices.help) return choose({ help: false });
      if (choices.zoomed) return choose({ zoomed: false });
      if (choices.filter !== '') return choose({ filter: '' });
      return choose({
        focus: null,
        picture: { ...choices.picture, chosen: null },
        scroll: initialChoices.scroll,
      });
    case 'next-panel':
      return choose(moveFocus(choices, 1));
    case 'previous-panel':
      return choose(moveFocus(choices, -1));
    case 'up':
      return choose(scrollOrMove(choices, -1, situation.entries));
    case 'down':
      return choose(scrollOrMove(choices, 1, situation.entries));
    case 'zoom':
      return choose(choices.focus === null ? moveFocus(choices, 1) : { zoomed: !choices.zoomed });
    case 'log-axis':
      return choose({ logAxis: !choices.logAxis });
    default:
      return choose(togglePanel(choices, action.slice('panel:'.length) as PanelId));
  }
}
