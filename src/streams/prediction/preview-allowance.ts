/** Pictures a second, and how many may come at once after a rest. */
const perSecond = 2;
const atOnce = 8;

/** Pictures are for people: a few of the first ones, then as many as one can look at. */
export class PreviewAllowance {
  private left = atOnce;
  private at: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.at = now();
  }

  /** Whether one more may be shown. */
  take(): boolean {
    const now = this.now();
    this.left = Math.min(atOnce, this.left + ((now - this.at) / 1000) * perSecond);
    this.at = now;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
