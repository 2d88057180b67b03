import { asyncScheduler, type Observable, type SchedulerLike } from 'rxjs';
import { isItemEvent, isStoreRefusal } from '../../events/predicates.js';
import type { EventOf, PipelineEvent } from '../../events.js';
import { formatClock, formatCount, formatDay, formatMetric, formatRate } from '../format.js';
import { sentenceOf } from './event-sentence.js';
import { LineWriter, type LoggerOptions } from './line-writer.js';
import { type Logger, logWith } from './logger.js';
import { OpenBursts } from './open-bursts.js';
import { failureSentence } from './program-sentences.js';
import { error, info, type Sentence } from './sentence.js';
import { contextAfter, noContext } from './sentence-context.js';

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
  const writer = new LineWriter(options);
  const log = new PlainLog(writer, options.scheduler ?? asyncScheduler);
  return logWith(events, writer, { take: (event) => log.take(event), end: () => log.end() });
}

/** An epoch longer than this tells of itself in between. */
const epochProgressMs = 60_000;

class PlainLog {
  private readonly bursts: OpenBursts;
  private context = noContext;
  private lastText = '';
  private lastDay = '';
  private epochToldAt: number | null = null;

  constructor(
    private readonly writer: LineWriter,
    private readonly scheduler: SchedulerLike,
  ) {
    this.bursts = new OpenBursts(scheduler, (text) => this.say(info(text)));
  }

  take(event: PipelineEvent): void {
    if (isItemEvent(event)) {
      // What the store refuses is told once, in a notice: it refuses every item.
      if (event.type === 'item.failed' && !isStoreRefusal(event)) {
        this.say(error(failureSentence(event)));
      }
      this.bursts.grow(event);
      return;
    }
    switch (event.type) {
      case 'stages':
        this.bursts.sample(event.stages);
        return;
      case 'train.step':
        this.step(event);
        return;
      case 'train.started':
      case 'train.epoch':
        this.epochToldAt = this.scheduler.now();
        break;
    }
    const sentence = sentenceOf(event, this.context);
    this.context = contextAfter(this.context, event);
    if (sentence === null) return;
    // A milestone closes what led to it, so that the lines stand in the order of what happened.
    if (event.type === 'submission.written') {
      this.bursts.close('intake');
      const predictions = this.bursts.take('prediction');
      const text = predictions === '' ? sentence.text : `${predictions}, ${sentence.text}`;
      this.say({ level: sentence.level, text });
      return;
    }
    if (milestones.has(event.type)) this.bursts.closeAll();
    this.say(sentence);
  }

  end(): void {
    this.bursts.closeAll();
    this.bursts.stop();
  }

  private step(event: EventOf<'train.step'>): void {
    const now = this.scheduler.now();
    this.epochToldAt ??= now;
    if (now - this.epochToldAt < epochProgressMs) return;
    this.epochToldAt = now;
    this.say(
      info(
        `epoch ${event.epoch}/${event.epochs} step ${formatCount(event.step)}/${formatCount(event.steps)} ` +
          `loss ${formatMetric(event.loss)}; batch Dice ${formatMetric(event.batchDice)}; ` +
          `${formatRate(event.imagesPerSecond)} images/s`,
      ),
    );
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
