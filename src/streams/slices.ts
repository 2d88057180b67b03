import { setImmediate } from 'node:timers/promises';

/** Long work in slices, so that the dashboard and the intake have their turns in between. */
export class Slices {
  private since = performance.now();

  /** @param sliceMs a slice's length; well under what a person notices */
  constructor(private readonly sliceMs = 8) {}

  get isOver(): boolean {
    return performance.now() - this.since >= this.sliceMs;
  }

  /** Lets everything else have its turn. */
  async turn(): Promise<void> {
    await setImmediate();
    this.since = performance.now();
  }
}
