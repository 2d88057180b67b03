import { EventEmitter } from 'node:events';

/**
 * Where Ink's own drawing goes: nowhere. It takes every line of every frame apart into letters and
 * puts it together again, which costs several times what the frame itself does, and erases what it
 * rewrites. What reaches the terminal is the screen's business; Ink reads the keys.
 */
export class InkOutput extends EventEmitter {
  /** Not a terminal itself: Ink then sends no escape codes of its own. */
  readonly isTTY = false;
  readonly columns = 80;
  readonly rows = 24;

  write = (_frame: string): boolean => true;
}
