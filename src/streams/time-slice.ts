import { setImmediate } from 'node:timers/promises';

/** Cooperative scheduling: long work stops after each slice, so that everything else goes on. */
export class TimeSlice {
  private since = performance.now();

  /** @param sliceMs a slice's length; well under what a person notices */
  constructor(private readonly sliceMs = 8) {}

  get isOver(): boolean {
    return performance.now() - this.since >= this.sliceMs;
  }

  /** Lets everything else run, and begins the next slice. */
  async yield(): Promise<void> {
    await setImmediate();
    this.since = performance.now();
  }
}

/** The result of a long piece of work, which may be interrupted wherever it yields. */
export async function inTimeSlices<T>(work: Generator<void, T>): Promise<T> {
  const slice = new TimeSlice();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (slice.isOver) await slice.yield();
  }
}
