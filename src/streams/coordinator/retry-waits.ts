/** Waits between attempts: twice as long after each failure, up to the last. */
export interface RetryWaits {
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
}

/** @param failures in a row, before this attempt's */
export function waitOf(failures: number, { firstRetryMs, lastRetryMs }: RetryWaits): number {
  return Math.min(firstRetryMs * 2 ** failures, lastRetryMs);
}

export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
