/** Waits between attempts: twice as long each time, up to a most; after a success from the start again. */
export class Backoff {
  private nextMs: number;

  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
  ) {
    this.nextMs = firstMs;
  }

  /** How long to wait before the next attempt. */
  next(): number {
    const ms = this.nextMs;
    this.nextMs = Math.min(2 * ms, this.mostMs);
    return ms;
  }

  succeeded(): void {
    this.nextMs = this.firstMs;
  }
}
