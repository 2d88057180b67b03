import type { EventOf } from '../../events.js';
import { formatCount, plural, printable } from '../format.js';
import { error, info, type Sentence, warning } from './sentence.js';

/** What was exported where, and what was left out of it, with its reasons. */
export function exportSentence(event: EventOf<'export.written' | 'export.failed'>): Sentence {
  if (event.type === 'export.failed') {
    return error(`export ${event.format}: ${printable(event.message)} (${printable(event.code)})`);
  }
  const { format, images, leftOut, path } = event;
  const what = images === 0 ? format : `${format} of ${plural(images, 'image')}`;
  const wrote = `wrote ${what} to ${printable(path)}`;
  if (leftOut.length === 0) return info(wrote);
  const reasons = leftOut.map(({ reason, count, examples }) => {
    const more = count > examples.length ? ', ...' : '';
    return `${formatCount(count)} ${printable(reason)}: ${printable(examples.join(', '))}${more}`;
  });
  return warning(`${wrote}; left out: ${reasons.join('; ')}`);
}
