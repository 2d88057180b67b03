import { type PanelId, panelIds } from '../layout/panel-ids.js';

/** What a key can ask for. Names, not functions: one table drives dispatch, help and footer. */
export type Action =
  | 'quit'
  | 'interrupt'
  | 'pause'
  | 'train'
  | 'predict'
  | 'help'
  | 'back'
  | 'retry'
  | 'filter'
  | 'worst'
  | 'picture-newer'
  | 'picture-older'
  | 'next-panel'
  | 'previous-panel'
  | 'up'
  | 'down'
  | 'zoom'
  | 'log-axis'
  | 'redraw'
  | 'suspend'
  | PanelAction;

export type PanelAction = `panel:${PanelId}`;

export interface KeyBinding {
  readonly action: Action;
  /** As `keyName` gives them. */
  readonly keys: readonly string[];
  /** As a person reads it. */
  readonly label: string;
  /** One word for the footer; without it the key stands only in the help. */
  readonly footer?: string;
  readonly help: string;
  /** The help of the other of two keys tells it. */
  readonly toldBy?: Action;
  /** Left out of the help where not all fit. */
  readonly rare?: true;
}

/** In the order of the footer and of the help. */
export const keyBindings: readonly KeyBinding[] = [
  {
    action: 'quit',
    keys: ['q'],
    label: 'q',
    footer: 'quit',
    help: 'stop (asks while training)',
  },
  {
    action: 'pause',
    keys: ['space'],
    label: 'space',
    footer: 'pause',
    help: 'pause or go on taking in new files',
  },
  { action: 'train', keys: ['t'], label: 't', footer: 'train', help: 'train now' },
  {
    action: 'predict',
    keys: ['p'],
    label: 'p',
    footer: 'predict',
    help: 'predict every test image again',
  },
  { action: 'retry', keys: ['r'], label: 'r', footer: 'retry', help: 'try failed files again' },
  {
    action: 'help',
    keys: ['?', 'h'],
    label: '?',
    footer: 'help',
    help: 'show or hide this help',
    rare: true,
  },
  {
    action: 'back',
    keys: ['esc'],
    label: 'esc',
    help: 'close the help, leave a zoomed panel, stay',
  },
  {
    action: 'next-panel',
    keys: ['tab'],
    label: 'tab',
    help: 'choose the next panel (shift-tab: the one before)',
  },
  {
    action: 'previous-panel',
    keys: ['shift-tab'],
    label: 'shift-tab',
    help: 'choose the panel before',
    toldBy: 'next-panel',
  },
  {
    action: 'down',
    keys: ['down', 'j'],
    label: 'down',
    help: 'scroll the failures or the log; else choose a panel (up too)',
  },
  {
    action: 'up',
    keys: ['up', 'k'],
    label: 'up',
    help: 'scroll up, or the panel before',
    toldBy: 'down',
  },
  {
    action: 'picture-older',
    keys: ['right'],
    label: 'right',
    help: 'leaf through what the model sees (left too)',
  },
  {
    action: 'picture-newer',
    keys: ['left'],
    label: 'left',
    help: 'the picture before',
    toldBy: 'picture-older',
  },
  {
    action: 'worst',
    keys: ['w'],
    label: 'w',
    help: 'pictures by image Dice, worst first, and back',
  },
  { action: 'filter', keys: ['/'], label: '/', help: 'show only failures with these letters' },
  { action: 'zoom', keys: ['enter'], label: 'enter', help: 'zoom the chosen panel, and back' },
  ...panelIds.map(
    (id, index): KeyBinding => ({
      action: `panel:${id}`,
      keys: [String(index + 1)],
      label: String(index + 1),
      help: `show or hide ${id}`,
    }),
  ),
  { action: 'log-axis', keys: ['y'], label: 'y', help: 'logarithmic loss axis, and back' },
  {
    action: 'redraw',
    keys: ['ctrl-l'],
    label: 'ctrl-l',
    help: 'draw the screen afresh',
    rare: true,
  },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    label: 'ctrl-z',
    help: 'stop for a while; fg in the shell resumes',
    rare: true,
  },
  {
    action: 'interrupt',
    keys: ['ctrl-c'],
    label: 'ctrl-c',
    help: 'stop cleanly; once more: stop at once',
  },
];

const actions = new Map(
  keyBindings.flatMap(({ action, keys }) => keys.map((key): [string, Action] => [key, action])),
);

export function actionOf(key: string): Action | undefined {
  return actions.get(key);
}

/** Of no use to who only looks on. */
export const asksProgram: ReadonlySet<Action> = new Set(['pause', 'train', 'predict', 'retry']);
