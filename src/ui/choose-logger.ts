import type { Env } from './terminal/theme.js';

export type LoggerKind = 'dashboard' | 'plain' | 'json';

export interface LoggerWish {
  readonly json: boolean;
  readonly plain: boolean;
  /** Of stdout. */
  readonly isTTY: boolean;
  readonly env: Env;
}

/**
 * Who tells the events. The dashboard needs a terminal that can move its cursor and eyes that
 * see all of it at once: a CI, a dumb terminal and a screen reader get the plain log.
 */
export function chooseLogger({ json, plain, isTTY, env }: LoggerWish): LoggerKind {
  if (json) return 'json';
  const set = (value: string | undefined): boolean =>
    value !== undefined && value !== '' && value !== '0' && value !== 'false';
  const unfit =
    set(env.CI) ||
    set(env.CONTINUOUS_INTEGRATION) ||
    env.TERM === 'dumb' ||
    set(env.INK_SCREEN_READER);
  return plain || !isTTY || unfit ? 'plain' : 'dashboard';
}
