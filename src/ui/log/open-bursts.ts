import { type SchedulerLike, Subscription } from 'rxjs';
import type { ItemEvent, StagesEvent } from '../../events.js';
import { formatCount, formatDuration, formatRate } from '../format.js';
import { countItems, itemsPerSecond, noRate, type Rate } from '../state/smoothed-rate.js';
import {
  type Burst,
  type BurstKind,
  burstKindOf,
  growBurst,
  sentenceOfBurst,
  sizeOf,
} from './item-bursts.js';

/** How often open bursts are looked at. */
const lookMs = 1_000;
/** A burst without an item for this long has ended. */
const quietMs = 2_000;
/** A backlog tells of itself this often, in its first minute and after. */
const progressMs = { first: 5_000, later: 30_000 };

interface OpenBurst {
  readonly burst: Burst;
  readonly since: number;
  readonly lastItemAt: number;
  readonly rate: Rate;
  readonly toldAt: number;
  readonly toldSize: number;
}

/** The bursts of items that go on: each tells of itself now and then, and when it has ended. */
export class OpenBursts {
  private readonly open = new Map<BurstKind, OpenBurst>();
  /** Items that wait or are in hand, from the last sample. */
  private left: Record<BurstKind, number> = { intake: 0, prediction: 0 };
  private timer = Subscription.EMPTY;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly say: (text: string) => void,
  ) {}

  grow(event: ItemEvent): void {
    const kind = burstKindOf(event);
    const now = this.scheduler.now();
    const open = this.open.get(kind);
    const burst = growBurst(open?.burst ?? null, event);
    if (sizeOf(burst) === 0) return;
    this.open.set(kind, {
      burst,
      since: open?.since ?? now,
      lastItemAt: now,
      rate: countItems(open?.rate ?? noRate, 1, now),
      toldAt: open?.toldAt ?? now,
      toldSize: open?.toldSize ?? 0,
    });
    this.watch();
  }

  sample({ settle, ingest, predict }: StagesEvent['stages']): void {
    this.left = {
      intake: settle.queued + settle.inFlight + ingest.queued + ingest.inFlight,
      prediction: predict.queued + predict.inFlight,
    };
  }

  /** Ends a burst; what it was, in words, or '' when all of it was told before. */
  take(kind: BurstKind): string {
    const open = this.open.get(kind);
    if (open === undefined) return '';
    this.open.delete(kind);
    const { burst } = open;
    // A failure has its own line; a burst of nothing else would only repeat it.
    if (burst.kind === 'intake' && sizeOf(burst) === burst.failed) return '';
    return sentenceOfBurst(burst);
  }

  close(kind: BurstKind): void {
    const text = this.take(kind);
    if (text !== '') this.say(text);
  }

  closeAll(): void {
    for (const kind of [...this.open.keys()]) this.close(kind);
  }

  stop(): void {
    this.timer.unsubscribe();
  }

  private watch(): void {
    if (!this.timer.closed) return;
    this.timer = this.scheduler.schedule(() => {
      for (const kind of [...this.open.keys()]) this.look(kind);
      this.timer.unsubscribe();
      if (this.open.size > 0) this.watch();
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
    this.say(progress(kind, size, itemsPerSecond(open.rate, now), left));
  }
}

function progress(kind: BurstKind, done: number, rate: number, left: number): string {
  const time = rate > 0 ? `, about ${formatDuration((left / rate) * 1000)} left` : '';
  const rest = left === 0 ? '' : `, ${formatCount(left)} to go${time}`;
  const doing = kind === 'intake' ? 'ingesting' : 'predicting';
  return `${doing}: ${formatCount(done)} done, ${formatRate(rate)}/s${rest}`;
}
