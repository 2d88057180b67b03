import { Slices } from './slices.js';

/** What a long piece of work returns, everything else having its turns wherever it yields. */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  const slices = new Slices();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (slices.isOver) await slices.turn();
  }
}
