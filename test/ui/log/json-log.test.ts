import { Writable } from 'node:stream';
import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { PipelineEvent } from '../../../src/events.js';
import { logJson } from '../../../src/ui/log/json-log.js';
import { epoch, ingested, preview, ready, stages, step, system } from '../../support/events.js';

/** A reader that takes one chunk at a time, when it is told to. */
class SlowReader extends Writable {
  readonly lines: string[] = [];
  private next: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1, decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.lines.push(chunk);
    this.next = done;
  }

  read(): void {
    this.next?.();
  }
}

describe('--json', () => {
  it('is one event a line, and no number that JSON does not know', async () => {
    const out = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    let text = '';
    const events = new Subject<PipelineEvent>();
    const log = logJson(events, { out });
    events.next(ready());
    // Only eyes are for these.
    events.next(preview('1'));
    events.next(system());
    events.next(epoch(1, { loss: Number.NaN, best: Number.POSITIVE_INFINITY }));
    events.complete();
    await log.done;
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      ready(),
      { ...epoch(1), loss: null, best: null },
    ]);
  });

  it('waits for a slow reader, keeps what happened and drops only samples', async () => {
    const out = new SlowReader();
    const events = new Subject<PipelineEvent>();
    const log = logJson(events, { out });
    for (let index = 0; index < 300; index++) events.next(ingested(`1_${index}`));
    for (let index = 0; index < 500; index++) events.next(step(1, index));
    events.next(stages());
    events.next(ingested('last'));
    events.complete();
    for (let index = 0; index < 2000; index++) {
      out.read();
      await Promise.resolve();
    }
    // The stream hands out `drain` on a tick of its own.
    const reading = setInterval(() => out.read(), 0);
    await log.done;
    await vi.waitFor(() => expect(out.lines.at(-1)).toContain('"last"'));
    clearInterval(reading);
    expect(out.lines.filter((line) => line.includes('item.ingested'))).toHaveLength(301);
    expect(out.lines.filter((line) => line.includes('train.step')).length).toBeLessThan(500);
  });

  it('tells once that the reader went away, and goes on in silence', async () => {
    const out = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    const broken = vi.fn();
    const events = new Subject<PipelineEvent>();
    const log = logJson(events, { out, onBroken: broken });
    events.next(ready());
    await vi.waitFor(() => expect(broken).toHaveBeenCalledOnce());
    events.next(ready());
    log.close();
    log.close();
    await log.done;
    expect(broken).toHaveBeenCalledOnce();
    expect(broken.mock.calls[0]![0]).toMatchObject({ code: 'EPIPE' });
  });

  it('ends when the events fail', async () => {
    const out = new Writable({ write: (_chunk, _encoding, done) => done() });
    const events = new Subject<PipelineEvent>();
    const log = logJson(events, { out });
    events.error(new Error('the pipeline broke'));
    await expect(log.done).resolves.toBeUndefined();
  });
});
