import { expect, it } from 'vitest';
import { EventStream } from '../../src/commands/resources/event-stream.js';
import type { PipelineEvent } from '../../src/events.js';

const notice = (code: string): PipelineEvent => ({
  type: 'notice',
  level: 'info',
  code,
  message: '',
});

it('tells what was known before anybody read after the first event, once', () => {
  const stream = new EventStream();
  stream.emitAfterFirst(notice('OPENED'));
  const codes: string[] = [];
  stream.events$.subscribe((event) => event.type === 'notice' && codes.push(event.code));
  for (const code of ['FIRST', 'SECOND']) stream.emit(notice(code));
  expect(codes).toEqual(['FIRST', 'OPENED', 'SECOND']);
});

it('ends, closes its readers and waits until they have told all of it', async () => {
  const log: string[] = [];
  {
    await using stream = new EventStream();
    stream.events$.subscribe({ complete: () => log.push('ended') });
    let tell = () => {};
    const done = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const close = () => {
      log.push('closed');
      setTimeout(() => {
        log.push('told');
        tell();
      });
    };
    stream.addReader({ close, done });
  }
  expect(log).toEqual(['ended', 'closed', 'told']);
});
