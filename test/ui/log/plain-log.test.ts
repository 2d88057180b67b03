import { Writable } from 'node:stream';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/events.js';
import { formatClock } from '../../../src/ui/format.js';
import { logPlain } from '../../../src/ui/log/plain-log.js';
import {
  caughtUp,
  epoch,
  failed,
  ingested,
  measurementsWritten,
  predicted,
  ready,
  stages,
  step,
  trainDone,
  trainStarted,
  written,
} from '../../support/events.js';

/** Sends each event at its virtual millisecond, runs all timers, and reads what was written. */
async function logOf(timeline: [number, PipelineEvent][]): Promise<string[]> {
  const scheduler = new VirtualTimeScheduler();
  const events = new Subject<PipelineEvent>();
  let text = '';
  const out = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const log = logPlain(events, { out, scheduler });
  for (const [at, event] of timeline) scheduler.schedule(() => events.next(event), at);
  scheduler.flush();
  events.complete();
  await log.done;
  return text.split('\n').filter((line) => line !== '');
}

const texts = async (timeline: [number, PipelineEvent][]): Promise<string[]> =>
  (await logOf(timeline)).map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));

const many = (count: number, from: number, apart: number, make: (id: string) => PipelineEvent) =>
  Array.from({ length: count }, (_, i): [number, PipelineEvent] => [
    from + i * apart,
    make(`${1 + (i % 9)}_${i}`),
  ]);

describe('the plain log', () => {
  it('tells once that the store refuses, not of every item', async () => {
    const message = 'the disk of the store is full; it is tried again by itself';
    const refused = (path: string) => failed({ path, stage: 'cache', code: 'DISK_FULL', message });
    const told = `2 items could not be stored: ${message}`;
    expect(
      await texts([
        [0, refused('test/1.tif')],
        [1, refused('test/2.tif')],
        [1000, { type: 'notice', level: 'error', code: 'STORE_REFUSES', message: told }],
      ]),
    ).toEqual([told]);
  });

  it('tells a session in a few lines with times', async () => {
    const lines = await logOf([
      [0, ready()],
      ...many(120, 1000, 5, (id) => ingested(id)),
      ...many(12, 1700, 5, (id) => ingested(id, 'test')),
      [1800, failed()],
      [4000, trainStarted()],
      [7000, epoch(1)],
      [9000, trainDone({ ms: 5000 })],
      ...many(12, 9500, 10, (id) => predicted(id)),
      [9800, written()],
      [9850, measurementsWritten()],
      [9900, caughtUp()],
    ]);
    expect(lines).toEqual([
      `${formatClock(0)} ready: wasm on AMD EPYC 9B14 (1 thread); onednn skipped: not built`,
      `${formatClock(1800)} failed at decode: /data/raw/test/7.tif: the file ends too early (DECODE_FAILED)`,
      `${formatClock(4000)} ingested 132 images (120 train, 12 test), 1 failed`,
      `${formatClock(4000)} training on 120 pairs of 10 subjects, 24 for validation, recipe default, 20 epochs (first model)`,
      `${formatClock(7000)} epoch 1/20 loss 0.412; batch Dice: train 0.610, validation 0.580 (best); image Dice: validation 0.520; 41 images/s`,
      `${formatClock(9000)} trained in 5s: best validation batch Dice 0.660 at epoch 17, model m1`,
      `${formatClock(9800)} predicted 12 images, wrote submission.csv: 12 rows, 9 with a nerve`,
      `${formatClock(9850)} wrote measurements.csv: 12 rows`,
      `${formatClock(9900)} caught up, watching`,
    ]);
  });

  it('names a single file, soon after it came', async () => {
    const lines = await logOf([
      [0, ready({ skipped: [] })],
      [60_000, ingested('12', 'test', 'changed')],
      [61_000, predicted('12', 0)],
      [61_200, written(12, 8)],
    ]);
    expect(lines.slice(1)).toEqual([
      `${formatClock(61_200)} ingested test image 12 (changed)`,
      `${formatClock(61_200)} predicted image 12 (new): no nerve, wrote submission.csv: 12 rows, 8 with a nerve`,
    ]);
    expect(await logOf([[1000, ingested('3_4')]])).toEqual([
      `${formatClock(3000)} ingested train image 3_4 (new)`,
    ]);
  });

  it('says every few seconds how a big backlog goes, then sums it up', async () => {
    const lines = await texts([
      ...many(1200, 0, 10, (id) => ingested(id)).flatMap(
        ([at, event], i): [number, PipelineEvent][] =>
          i % 50 === 0
            ? [
                [at, stages({ ingest: { queued: 1199 - i, inFlight: 1 } })],
                [at, event],
              ]
            : [[at, event]],
      ),
      [12_000, stages()],
    ]);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^ingesting: 5\d\d done, \d+\/s, \d{3} to go, about \d+s left$/);
    expect(lines[1]).toMatch(
      /^ingesting: 1,0\d\d done, (?:9\d|100)\/s, \d{2,3} to go, about \d+s left$/,
    );
    expect(lines[2]).toBe('ingested 1,200 images (1,200 train, 0 test)');
  });

  it('never repeats itself', async () => {
    expect(
      await texts([
        [0, caughtUp()],
        [1000, caughtUp()],
        [2000, stages()],
        [3000, stages()],
        [4000, caughtUp({ pending: 3 })],
        [5000, caughtUp()],
      ]),
    ).toEqual([
      'caught up, watching',
      'caught up; 3 test images without a current prediction',
      'caught up, watching',
    ]);
    // A backlog that stands still says nothing.
    const stuck = await texts([
      [0, stages({ predict: { queued: 9 } })],
      [10, predicted('1')],
      [11, predicted('2')],
      [60_000, stages()],
      [60_001, caughtUp()],
    ]);
    expect(stuck).toEqual([
      expect.stringMatching(/^predicting: 2 done, /),
      'predicted 2 images',
      'caught up, watching',
    ]);
  });

  it('says that nothing was to do', async () => {
    expect(
      await texts([
        ...many(132, 0, 1, (id) => ingested(id, 'train', 'cached')),
        [200, caughtUp({ ingested: 0, cached: 132, predicted: 0 })],
      ]),
    ).toEqual(['132 unchanged (cached)', 'caught up, watching']);
  });

  it('gives each failure a line, and takes no orders from a file name', async () => {
    const lines = await texts([
      [0, failed({ path: 'raw/a\u001b[2J\nb.tif' })],
      [1, failed({ path: 'raw/b.tif', code: 'TOO_MANY_PIXELS', message: 'too big' })],
      [2, { type: 'notice', level: 'warning', code: 'INOTIFY_LIMIT', message: 'raise it' }],
      [3, { type: 'train.failed', code: 'LOSS_NOT_FINITE', message: 'the loss is NaN' }],
    ]);
    expect(lines).toEqual([
      'failed at decode: raw/a?[2J?b.tif: the file ends too early (DECODE_FAILED)',
      'failed at decode: raw/b.tif: too big (TOO_MANY_PIXELS)',
      'warning: raise it',
      'training failed: the loss is NaN (LOSS_NOT_FINITE)',
    ]);
  });

  it('tells how many pairs a training leaves out', async () => {
    const lines = await texts([
      [
        0,
        {
          type: 'train.cleaned',
          runId: 'r1',
          pairs: 1200,
          leftOut: 31,
          reasons: {
            'empty-against-outlined': 30,
            'outlined-against-empty': 0,
            'outline-elsewhere': 1,
          },
          ids: [],
        },
      ],
    ]);
    expect(lines).toEqual([
      'left out 31 training pairs of 1,200 whose masks contradict near-identical images; nerveflow audit lists them',
    ]);
  });

  it('gives a sign of life within a long epoch', async () => {
    const lines = await texts([
      [0, trainStarted()],
      ...many(300, 500, 500, () => step(1, 1)).map(([at], i): [number, PipelineEvent] => [
        at,
        step(1, i + 1, { steps: 300, loss: 1 - i / 1000 }),
      ]),
    ]);
    expect(lines.slice(1)).toEqual([
      'epoch 1/20 step 120/300 loss 0.881; batch Dice 0.550; 41 images/s',
      'epoch 1/20 step 240/300 loss 0.761; batch Dice 0.550; 41 images/s',
    ]);
  });

  it('tells pauses, waits, removals, interruptions and the end', async () => {
    const lines = await texts([
      [0, { type: 'item.waiting', id: '1_3', split: 'train', missing: 'mask' }],
      [1, { type: 'item.waiting', id: '1_4', split: 'train', missing: 'image' }],
      [2, { type: 'item.removed', id: '7', split: 'test' }],
      [3, { type: 'paused', paused: true }],
      [4, { type: 'paused', paused: false }],
      [5, { type: 'compute', state: 'restarting', backend: 'wasm', message: 'it died' }],
      [6, { type: 'compute', state: 'ready', backend: 'wasm', message: 'wasm' }],
      [7, { type: 'train.interrupted', epoch: 3, step: 40, resumable: true }],
      [8, { type: 'stopped', reason: 'interrupted' }],
    ]);
    expect(lines).toEqual([
      '1 removed, 1 waits for a mask, 1 mask waits for an image',
      'intake paused: new files wait',
      'intake goes on',
      'warning: the compute process restarts: it died',
      'the compute process is back',
      'training stopped at epoch 3, step 40: saved, it resumes',
      'stopped',
    ]);
  });

  it('writes the day when a new one begins', async () => {
    const day = 24 * 3_600_000;
    const lines = await texts([
      [0, caughtUp()],
      [day, { type: 'paused', paused: true }],
    ]);
    expect(lines).toEqual([
      'caught up, watching',
      expect.stringMatching(/^1970-01-0\d$/),
      'intake paused: new files wait',
    ]);
  });
});
