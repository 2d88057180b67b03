/** Numbers, times and names as a person reads them. Pure; no colour, no layout. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 5635 -> `5,635`. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? grouped.format(count) : '·';
}

/** `1 file`, `12 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Three significant digits at most, never an exponent: 0.42, 9.6, 41, 1,204. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return '0';
  if (perSecond < 0.1) return perSecond.toFixed(2);
  if (perSecond < 10) return perSecond.toFixed(1);
  return formatCount(Math.round(perSecond));
}

/** A loss or a Dice; `·` where there is none. */
export function formatMetric(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined || !Number.isFinite(value)
    ? '·'
    : value.toFixed(digits);
}

/** 0.0003 -> `3.0e-4`; a learning rate is a power, not a decimal. */
export function formatLearningRate(rate: number): string {
  return Number.isFinite(rate) && rate > 0 ? rate.toExponential(1) : '·';
}

/** The two largest units: `4s`, `3m 04s`, `2h 05m`, `6d 3h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '·';
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** How long ago, one unit only, so that a quiet screen stays quiet. */
export function formatAgo(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds}s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ago` : `${Math.floor(hours / 24)}d ago`;
}

/** Local wall clock, `12:03:11`. */
export function formatClock(epochMs: number): string {
  const date = new Date(epochMs);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local day, `2026-03-04`: a log that runs for weeks needs it now and then. */
export function formatDay(epochMs: number): string {
  const date = new Date(epochMs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The clock of today; of another day that day, as wide: `Mar  4  `. */
export function formatWhen(epochMs: number, nowMs: number): string {
  if (formatDay(epochMs) === formatDay(nowMs)) return formatClock(epochMs);
  const date = new Date(epochMs);
  return `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)}  `;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** 1536 -> `1.5 kB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Last segment of a path of either platform. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1) || path;
}

/** A path as seen from the folder a person knows; unchanged when it lies elsewhere. */
export function relativeTo(folder: string | undefined, path: string): string {
  if (!folder) return path;
  const prefix = /[/\\]$/.test(folder) ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

/**
 * A file may be named with escape sequences, line breaks or direction overrides. None of them
 * reaches a terminal: each becomes one visible `?`.
 */
export function printable(text: string): string {
  return text.replace(unprintable, '?');
}

// C0, C1 and DEL; zero-width marks and bidi controls that could make a name read as another.
const unprintable = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/gu;

const two = (value: number): string => String(value).padStart(2, '0');
