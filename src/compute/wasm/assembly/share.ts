import { type Code, i32 } from './code.js';

/** First of the items that thread `thread` of `threads` takes: items * thread / threads. */
export function shareOf(items: Code, thread: Code, threads: Code): Code {
  return i32.div(i32.mul(items, thread), threads);
}
