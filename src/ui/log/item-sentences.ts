import type { EventOf } from '../../events.js';
import { baseName, formatCount, plural, printable } from '../format.js';

export function failureSentence(event: EventOf<'item.failed'>): string {
  return (
    `failed at ${event.stage}: ${printable(event.path)}: ${printable(event.message)} ` +
    `(${printable(event.code)})`
  );
}

export function submissionSentence(event: EventOf<'submission.written'>): string {
  return (
    `wrote ${printable(baseName(event.path))}: ${plural(event.rows, 'row')}, ` +
    `${formatCount(event.nonEmpty)} with a nerve`
  );
}
