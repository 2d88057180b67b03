/**
 * Items per second, smoothed: an exponentially fading count. Time is always handed in, so a
 * rate is the same in a test, in a replay and live. Immutable.
 */
export interface Rate {
  /** Faded count at `at`. */
  readonly weight: number;
  readonly at: number;
  /** First item since the rate last faded away. */
  readonly since: number;
}

/** After this long without an item a rate has fallen to a third. */
const timeConstantMs = 3_000;
/** Below this many items per second a stage counts as still. */
const still = 0.02;
/** A rate over less time than this is noise. */
const shortestSpanMs = 1_000;

export const noRate: Rate = { weight: 0, at: 0, since: 0 };

export function countItems(rate: Rate, items: number, nowMs: number): Rate {
  const faded = fade(rate, nowMs);
  const resting = faded / (timeConstantMs / 1000) < still;
  return {
    weight: (resting ? 0 : faded) + items,
    at: nowMs,
    since: resting ? nowMs : rate.since,
  };
}

export function itemsPerSecond(rate: Rate, nowMs: number): number {
  const faded = fade(rate, nowMs);
  if (faded === 0) return 0;
  // A fading count needs a few time constants to fill up; dividing by how full it can be by now
  // makes the first seconds right instead of slow.
  const span = Math.max(shortestSpanMs, nowMs - rate.since);
  const full = (timeConstantMs / 1000) * (1 - Math.exp(-span / timeConstantMs));
  const perSecond = faded / full;
  return perSecond < still ? 0 : perSecond;
}

function fade(rate: Rate, nowMs: number): number {
  return rate.weight * Math.exp(-Math.max(0, nowMs - rate.at) / timeConstantMs);
}
