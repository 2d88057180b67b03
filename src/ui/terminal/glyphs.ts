import type { Activity } from '../state/activity.js';

/** The signs that stand for something; in ASCII, where a terminal has no others. */
export interface Glyphs {
  readonly ascii: boolean;
  readonly activity: Readonly<Record<Activity, string>>;
  readonly busy: string;
  readonly warning: string;
  readonly error: string;
  readonly dot: string;
  readonly none: string;
  readonly full: string;
  readonly empty: string;
  readonly solid: string;
  readonly dotted: string;
  readonly tick: string;
  readonly axis: string;
  readonly focus: string;
  readonly rule: string;
  readonly ellipsis: string;
  readonly corners: readonly [string, string, string, string];
  readonly side: string;
}

export const unicodeGlyphs: Glyphs = {
  ascii: false,
  activity: {
    starting: '○',
    ingesting: '▼',
    training: '▲',
    predicting: '◆',
    evaluating: '◇',
    watching: '●',
    paused: '‖',
    degraded: '!',
    stopping: '□',
    stopped: '■',
  },
  busy: '▸',
  warning: '!',
  error: '✗',
  dot: '·',
  none: '·',
  full: '━',
  empty: '─',
  solid: '──',
  dotted: '┈┈',
  tick: '┤',
  axis: '│',
  focus: '▸',
  rule: '─',
  ellipsis: '…',
  corners: ['╭', '╮', '╰', '╯'],
  side: '│',
};

export const asciiGlyphs: Glyphs = {
  ascii: true,
  activity: {
    starting: 'o',
    ingesting: 'v',
    training: '^',
    predicting: '*',
    evaluating: '%',
    watching: '@',
    paused: '=',
    degraded: '!',
    stopping: '#',
    stopped: '#',
  },
  busy: '>',
  warning: '!',
  error: 'x',
  dot: '-',
  none: '.',
  full: '#',
  empty: '.',
  solid: '**',
  dotted: 'oo',
  tick: '+',
  axis: '|',
  focus: '>',
  rule: '-',
  ellipsis: '...',
  corners: ['+', '+', '+', '+'],
  side: '|',
};
