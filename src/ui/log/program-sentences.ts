import type { EventOf } from '../../events.js';
import { baseName, formatCount, plural, printable } from '../format.js';
import { error, info, type Sentence, warning } from './sentence.js';
import type { SentenceContext } from './sentence-context.js';

export function readySentence(event: EventOf<'ready'>): string {
  if (event.backend === null) return `ready: reading ${printable(event.raw)}`;
  const threads = /\bthreads?\b/.test(event.device) ? '' : ` (${plural(event.threads, 'thread')})`;
  const skipped = event.skipped.map(
    ({ backend, reason }) => `; ${backend} skipped: ${printable(reason)}`,
  );
  return `ready: ${event.backend} on ${printable(event.device)}${threads}${skipped.join('')}`;
}

export function computeSentence(
  event: EventOf<'compute'>,
  context: SentenceContext,
): Sentence | null {
  const message = printable(event.message);
  switch (event.state) {
    case 'failed':
      return error(`the compute process failed: ${message}`);
    case 'restarting':
      return warning(`the compute process restarts: ${message}`);
    // The first start is told by the event `ready`.
    case 'starting':
      return null;
    case 'ready':
      return context.restarting ? info('the compute process is back') : null;
  }
}

export function caughtUpSentence({ pending, watching }: EventOf<'caught-up'>): Sentence {
  if (pending > 0) {
    return info(`caught up; ${plural(pending, 'test image')} without a current prediction`);
  }
  return info(watching ? 'caught up, watching' : 'caught up');
}

export function stoppedSentence({ reason }: EventOf<'stopped'>): Sentence {
  return reason === 'failed'
    ? error('stopped after a failure')
    : info(reason === 'done' ? 'done' : 'stopped');
}

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

export function measurementsSentence(event: EventOf<'measurements.written'>): string {
  return `wrote ${printable(baseName(event.path))}: ${plural(event.rows, 'row')}`;
}
