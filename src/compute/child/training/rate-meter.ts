const stepsSeen = 10;

/** Images per second over the last few steps, waiting for data and predictions included. */
export class RateMeter {
  private marks: { readonly at: number; readonly images: number }[] = [];
  private images = 0;

  /** @param now milliseconds, monotonic */
  constructor(private readonly now: () => number) {}

  /** Forgets what was before: a pause between two epochs is no slow step. */
  restart(): void {
    this.images = 0;
    this.marks = [{ at: this.now(), images: 0 }];
  }

  /** Counts one step's images; returns the rate, 0 while no time has passed. */
  count(images: number): number {
    this.images += images;
    this.marks.push({ at: this.now(), images: this.images });
    if (this.marks.length > stepsSeen + 1) this.marks.shift();
    const first = this.marks[0]!;
    const last = this.marks.at(-1)!;
    const ms = last.at - first.at;
    return ms > 0 ? (1000 * (last.images - first.images)) / ms : 0;
  }
}
