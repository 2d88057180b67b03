import { describe, expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/events.js';
import { activityOf } from '../../../src/ui/state/activity.js';
import {
  type DashboardState,
  foldEvent,
  initialState,
} from '../../../src/ui/state/dashboard-state.js';
import { pointsOf } from '../../../src/ui/state/series.js';
import { itemsPerSecond } from '../../../src/ui/state/smoothed-rate.js';
import { backlogOf } from '../../../src/ui/state/stage-state.js';
import { timeLeft } from '../../../src/ui/state/training-time-left.js';
import {
  caughtUp,
  epoch,
  failed,
  ingested,
  predicted,
  ready,
  stages,
  step,
  trainDone,
  trainStarted,
  written,
} from '../../support/events.js';

const t0 = 1_700_000_000_000;

/** Folds events in, each `apartMs` after the one before it. */
function folded(events: PipelineEvent[], apartMs = 100, from = initialState(t0)): DashboardState {
  let now = t0;
  let state = from;
  for (const event of events) {
    now += apartMs;
    state = foldEvent(state, event, now);
  }
  return state;
}

describe('what the dashboard knows', () => {
  it('counts what each stage did and holds', () => {
    const state = folded([
      ready(),
      stages({ ingest: { queued: 3, inFlight: 1 }, pair: { waiting: 2 } }, 5),
      ingested('1_1'),
      ingested('1_2', 'train', 'cached'),
      ingested('9', 'test'),
      failed(),
      failed({ stage: 'mask' }),
      predicted('9'),
      written(),
    ]);
    expect(state.stages.ingest).toMatchObject({ done: 3, queued: 3, inFlight: 1, failed: 1 });
    expect(state.stages.pair).toMatchObject({ done: 2, waiting: 2 });
    expect(state.stages.predict).toMatchObject({ done: 1, failed: 1 });
    expect(state.stages.submission.done).toBe(1);
    expect(state.intake).toEqual({ train: 2, test: 1, cached: 1 });
    expect(state.ignored).toBe(5);
    expect(state.submission).toMatchObject({ rows: 12, nonEmpty: 9 });
  });

  it('measures a backlog from where it began', () => {
    const first = folded([stages(), ...Array.from({ length: 10 }, (_, i) => ingested(`1_${i}`))]);
    const busy = folded(
      [
        stages({ ingest: { queued: 40 } }),
        ...Array.from({ length: 10 }, (_, i) => ingested(`2_${i}`)),
        stages({ ingest: { queued: 28, inFlight: 2 } }),
      ],
      100,
      first,
    );
    const backlog = backlogOf(busy.stages.ingest, t0 + 1200);
    expect(backlog).toMatchObject({ left: 30, share: 0.25 });
    expect(backlog!.msLeft).toBeGreaterThan(1000);
    expect(itemsPerSecond(busy.stages.ingest.rate, t0 + 1200)).toBeGreaterThan(5);
    const idle = foldEvent(busy, stages(), t0 + 2000);
    expect(backlogOf(idle.stages.ingest, t0 + 2000)).toBeNull();
  });

  it('stays small however much happens', () => {
    const state = folded(
      [
        ...Array.from({ length: 3000 }, (_, i) => failed({ path: `/data/raw/test/${i}.tif` })),
        trainStarted({ epochs: 2000 }),
        ...Array.from({ length: 6000 }, (_, i) => step(1 + Math.floor(i / 4), 1 + (i % 4))),
        ...Array.from({ length: 2000 }, (_, i) => epoch(i + 1)),
      ],
      10_000,
    );
    expect(state.failures.items).toHaveLength(200);
    expect(state.failures.total).toBe(3000);
    expect(state.failures.items.at(-1)!.path).toContain('2999');
    expect(state.log.items.length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(state).length).toBeLessThan(300_000);
  });

  it('tells a burst of items in one entry of the log', () => {
    const state = folded([
      ready(),
      ...Array.from({ length: 120 }, (_, i) => ingested(`1_${i}`)),
      ...Array.from({ length: 12 }, (_, i) => ingested(`${i}`, 'test')),
      failed(),
      caughtUp(),
      caughtUp(),
    ]);
    expect(state.log.items.map(({ text }) => text)).toEqual([
      'ready: wasm on AMD EPYC 9B14 (1 thread)',
      'ingested 132 images, 1 failed',
      'caught up, watching',
    ]);
  });

  it('follows a training', () => {
    const running = folded([ready(), trainStarted(), step(1, 1), step(1, 2)], 500);
    expect(running.training).toMatchObject({ status: 'running', epoch: 1, step: 2, steps: 4 });
    expect(pointsOf(running.training.curves.loss).map(({ x }) => x)).toEqual([0.25, 0.5]);
    expect(timeLeft(running.training, t0 + 2000).epoch).toBeGreaterThan(0);

    const later = folded(
      [epoch(1), step(2, 1), epoch(2, { isBest: false, best: 0.58, validationDice: 0.5 })],
      500,
      running,
    );
    expect(later.training).toMatchObject({ best: 0.58, bestEpoch: 1, validationDice: 0.5 });
    expect(timeLeft(later.training, t0 + 9000).training).toBe(18 * 3000);
    const done = folded([trainDone()], 500, later);
    expect(done.training).toMatchObject({ status: 'done', bestEpoch: 17, finished: 1 });
    expect(folded([trainStarted()], 1, done).training).toMatchObject({
      status: 'running',
      best: null,
    });
  });

  it('draws a curve where no steps are reported, and none where nothing validates', () => {
    const state = folded([
      trainStarted({ validationPairs: 0 }),
      epoch(1, { validationDice: null, validationImageDice: null }),
      epoch(2, { validationDice: null, validationImageDice: null, loss: Number.NaN }),
    ]);
    expect(pointsOf(state.training.curves.loss)).toEqual([{ x: 1, y: 0.412 }]);
    expect(pointsOf(state.training.curves.validationDice)).toEqual([]);
    expect(foldEvent(state, trainDone(), t0).log.items.at(-1)!.text).toContain(
      'best train batch Dice (nothing validates)',
    );
  });
});

describe('what it is doing, in one word', () => {
  const now = t0 + 60_000;
  const word = (events: PipelineEvent[], stopping = false): string =>
    activityOf(folded(events), stopping, now);

  it.each<[string, PipelineEvent[]]>([
    ['starting', []],
    ['watching', [ready()]],
    ['ingesting', [ready(), stages({ ingest: { queued: 4 } })]],
    ['ingesting', [ready(), stages({ settle: { inFlight: 1 } })]],
    ['predicting', [ready(), stages({ predict: { inFlight: 4 } })]],
    ['training', [ready(), trainStarted(), stages({ ingest: { queued: 4 } })]],
    ['watching', [ready(), trainStarted(), trainDone()]],
    ['paused', [ready(), trainStarted(), { type: 'paused', paused: true }]],
    [
      'degraded',
      [ready(), { type: 'compute', state: 'restarting', backend: 'wasm', message: 'x' }],
    ],
    ['stopped', [ready(), { type: 'stopped', reason: 'interrupted' }]],
  ])('%s', (expected, events) => {
    expect(word(events)).toBe(expected);
  });

  it('stopping wins over what still runs, and a recent item counts', () => {
    expect(word([ready(), trainStarted()], true)).toBe('stopping');
    expect(activityOf(folded([ready(), predicted('1')]), false, t0 + 1000)).toBe('predicting');
    expect(activityOf(folded([ready(), ingested('1')]), false, t0 + 1000)).toBe('ingesting');
  });

  it('a restarted compute process is no longer degraded', () => {
    const events: PipelineEvent[] = [
      ready(),
      { type: 'compute', state: 'restarting', backend: 'wasm', message: 'it died' },
      { type: 'compute', state: 'ready', backend: 'wasm', message: '' },
    ];
    expect(word(events)).toBe('watching');
    expect(
      folded(events)
        .log.items.map(({ text }) => text)
        .slice(1),
    ).toEqual(['the compute process restarts: it died', 'the compute process is back']);
  });
});
