import { isItemEvent } from '../../events/predicates.js';
import type { PipelineEvent } from '../../events.js';
import { sentenceOf } from '../log/event-sentence.js';
import { type Burst, burstKindOf, growBurst, sentenceOfBurst } from '../log/item-bursts.js';
import type { Sentence } from '../log/sentence.js';
import type { SentenceContext } from '../log/sentence-context.js';
import { addItem, type LatestItems, replaceNewest } from './latest-items.js';

export interface LogEntry {
  readonly at: number;
  readonly level: Sentence['level'];
  readonly text: string;
  /** A burst of items still growing; the next item of its kind goes into this entry. */
  readonly burst: Burst | null;
}

const logKept = 200;
/** Items closer than this to the last of their burst are told in the same entry. */
const burstGapMs = 5_000;

/** The log grows by one entry a sentence; items of one burst share an entry. */
export function logAfter(
  log: LatestItems<LogEntry>,
  event: PipelineEvent,
  context: SentenceContext,
  nowMs: number,
): LatestItems<LogEntry> {
  if (isItemEvent(event)) {
    const kind = burstKindOf(event);
    // A failed prediction has its own panel; as a burst of predictions it would count nothing.
    if (kind === 'prediction' && event.type !== 'item.predicted') return log;
    const last = log.items.at(-1);
    const open =
      last !== undefined && last.burst?.kind === kind && nowMs - last.at < burstGapMs ? last : null;
    const burst = growBurst(open?.burst ?? null, event);
    const failed = burst.kind === 'intake' && burst.failed > 0;
    const entry: LogEntry = {
      at: nowMs,
      level: failed ? 'warning' : 'info',
      text: sentenceOfBurst(burst, true),
      burst,
    };
    return open === null ? addItem(log, entry, logKept) : replaceNewest(log, entry);
  }
  const sentence = sentenceOf(event, context);
  if (sentence === null) return log;
  // What is said again at once (caught up, caught up) is not news.
  const last = log.items.at(-1);
  const text = sentence.brief ?? sentence.text;
  return last?.text === text
    ? log
    : addItem(log, { at: nowMs, level: sentence.level, text, burst: null }, logKept);
}
