import { asyncScheduler, type Observable, type SchedulerLike, Subscription } from 'rxjs';
import { isItemEvent, isStoreRefusal } from '../../events/predicates.js';
import type { EventOf, PipelineEvent } from '../../events.js';
import {
  formatClock,
  formatCount,
  formatDay,
  formatDuration,
  formatMetric,
  formatRate,
} from '../format.js';
import { countItems, itemsPerSecond, noRate, type Rate } from '../state/smoothed-rate.js';
import { backgroundAfter, noBackground } from './background.js';
import { sentenceOf } from './event-sentence.js';
import {
  addToIntake,
  addToPredictions,
  type Burst,
  type BurstKind,
  burstKindOf,
  noIntake,
  noPredictions,
  sentenceOfBurst,
  sizeOf,
} from './item-bursts.js';
import { failureSentence } from './item-sentences.js';
import { LineWriter } from './line-writer.js';
import type { Logger, LoggerOptions } from './logger.js';
import type { Sentence } from './sentence.js';

export interface PlainLogOptions extends LoggerOptions {
  /** Time and timers; a test hands in virtual ones. */
  readonly scheduler?: SchedulerLike;
}

/**
 * The log for a file, a pipe or a CI: one readable line with a time an epoch and a burst of
 * items, and now and then one while a backlog is worked off. Never a line that says what the
 * one before it said.
 */
export function logPlain(events: Observable<PipelineEvent>, options: PlainLogOptions): Logger {
  const log = new PlainLog(new LineWriter(options), options.scheduler ?? asyncScheduler);
  let finish!: () => void;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const end = (): void => {
    log.end();
    finish();
  };
  const subscription = events.subscribe({
    next: (event) => log.add(event),
    error: end,
    complete: end,
  });
  return {
    done: ended.then(() => log.flushed()),
    close() {
      subscription.unsubscribe();
      end();
    },
  };
}

/** How often open bursts are looked at. */
const lookMs = 1_000;
/** A burst without an item for this long has ended. */
const quietMs = 2_000;
/** A backlog tells of itself this often, in its first minute and after. */
const progressMs = { first: 5_000, later: 30_000 };
/** An epoch longer than this tells of itself in between. */
const epochProgressMs = 60_000;

interface OpenBurst {
  readonly burst: Burst;
  readonly since: number;
  readonly lastItemAt: number;
  readonly rate: Rate;
  readonly toldAt: number;
  readonly toldSize: number;
}

class PlainLog {
  private readonly writer: LineWriter;
  private readonly scheduler: SchedulerLike;
  private timer = Subscription.EMPTY;
  private readonly open = new Map<BurstKind, OpenBurst>();
  /** Items that wait or are in hand, from the last sample. */
  private left: Record<BurstKind, number> = { intake: 0, prediction: 0 };
  private background = noBackground;
  private lastText = '';
  private lastDay = '';
  private epochToldAt: number | null = null;

  constructor(writer: LineWriter, scheduler: SchedulerLike) {
    this.writer = writer;
    this.scheduler = scheduler;
  }

  add(event: PipelineEvent): void {
    if (isItemEvent(event)) {
      // What the store refuses is told once, in a notice: it refuses every item.
      if (event.type === 'item.failed' && !isStoreRefusal(event)) {
        this.say({ level: 'error', text: failureSentence(event) });
      }
      this.grow(event);
      return;
    }
    switch (event.type) {
      case 'stages': {
        const { settle, ingest, predict } = event.stages;
        this.left = {
          intake: settle.queued + settle.inFlight + ingest.queued + ingest.inFlight,
          prediction: predict.queued + predict.inFlight,
        };
        return;
      }
      case 'train.step':
        this.step(event);
        return;
      case 'train.started':
      case 'train.epoch':
        this.epochToldAt = this.scheduler.now();
        break;
    }
    const sentence = sentenceOf(event, this.background);
    this.background = backgroundAfter(this.background, event);
    if (sentence === null) return;
    // A milestone closes what led to it, so that the lines stand in the order of what happened.
    if (event.type === 'submission.written') {
      this.close('intake');
      const predictions = this.take('prediction');
      this.say(
        predictions === ''
          ? sentence
          : { level: sentence.level, text: `${predictions}, ${sentence.text}` },
      );
      return;
    }
    if (milestones.has(event.type)) this.closeAll();
    this.say(sentence);
  }

  end(): void {
    this.closeAll();
    this.timer.unsubscribe();
  }

  flushed(): Promise<void> {
    return this.writer.flushed();
  }

  private grow(event: Parameters<typeof burstKindOf>[0]): void {
    const kind = burstKindOf(event);
    const now = this.scheduler.now();
    const open = this.open.get(kind);
    const burst =
      kind === 'intake'
        ? addToIntake(open?.burst.kind === 'intake' ? open.burst : noIntake, event)
        : addToPredictions(open?.burst.kind === 'prediction' ? open.burst : noPredictions, event);
    if (sizeOf(burst) === 0) return;
    this.open.set(kind, {
      burst,
      since: open?.since ?? now,
      lastItemAt: now,
      rate: countItems(open?.rate ?? noRate, 1, now),
      toldAt: open?.toldAt ?? now,
      toldSize: open?.toldSize ?? 0,
    });
    this.watchBursts();
  }

  private watchBursts(): void {
    if (!this.timer.closed) return;
    this.timer = this.scheduler.schedule(() => {
      for (const kind of [...this.open.keys()]) this.look(kind);
      this.timer.unsubscribe();
      if (this.open.size > 0) this.watchBursts();
    }, lookMs);
  }

  private look(kind: BurstKind): void {
    const open = this.open.get(kind);
    if (open === undefined) return;
    const now = this.scheduler.now();
    const left = this.left[kind];
    if (left === 0 && now - open.lastItemAt >= quietMs) {
      this.close(kind);
      return;
    }
    const every = now - open.since < 60_000 ? progressMs.first : progressMs.later;
    const size = sizeOf(open.burst);
    if (now - open.toldAt < every || size === open.toldSize) return;
    this.open.set(kind, { ...open, toldAt: now, toldSize: size });
    const rate = itemsPerSecond(open.rate, now);
    const rest =
      left === 0
        ? ''
        : `, ${formatCount(left)} to go${
            rate > 0 ? `, about ${formatDuration((left / rate) * 1000)} left` : ''
          }`;
    this.say({
      level: 'info',
      text: `${kind === 'intake' ? 'ingesting' : 'predicting'}: ${formatCount(size)} done, ${formatRate(rate)}/s${rest}`,
    });
  }

  private closeAll(): void {
    for (const kind of [...this.open.keys()]) this.close(kind);
  }

  private close(kind: BurstKind): void {
    const text = this.take(kind);
    if (text !== '') this.say({ level: 'info', text });
  }

  /** Ends a burst; what it was, in words, or '' when all of it was told before. */
  private take(kind: BurstKind): string {
    const open = this.open.get(kind);
    if (open === undefined) return '';
    this.open.delete(kind);
    const { burst } = open;
    // A failure has its own line; a burst of nothing else would only repeat it.
    if (burst.kind === 'intake' && sizeOf(burst) === burst.failed) return '';
    return sentenceOfBurst(burst);
  }

  private step(event: EventOf<'train.step'>): void {
    const now = this.scheduler.now();
    this.epochToldAt ??= now;
    if (now - this.epochToldAt < epochProgressMs) return;
    this.epochToldAt = now;
    this.say({
      level: 'info',
      text:
        `epoch ${event.epoch}/${event.epochs} step ${formatCount(event.step)}/${formatCount(event.steps)} ` +
        `loss ${formatMetric(event.loss)}; batch Dice ${formatMetric(event.batchDice)}; ` +
        `${formatRate(event.imagesPerSecond)} images/s`,
    });
  }

  private say(sentence: Sentence): void {
    const text = sentence.level === 'warning' ? `warning: ${sentence.text}` : sentence.text;
    if (text === this.lastText) return;
    this.lastText = text;
    const now = this.scheduler.now();
    const day = formatDay(now);
    if (this.lastDay !== '' && day !== this.lastDay) this.writer.write(day);
    this.lastDay = day;
    this.writer.write(`${formatClock(now)} ${text}`);
  }
}

/** Events before which open bursts are told. */
const milestones: ReadonlySet<PipelineEvent['type']> = new Set([
  'train.started',
  'train.done',
  'train.interrupted',
  'train.failed',
  'caught-up',
  'paused',
  'stopped',
]);
