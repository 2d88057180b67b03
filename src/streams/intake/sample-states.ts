import {
  isUsual,
  type SampleState,
  unannouncedState,
  usualState,
  waitingReported,
} from '../../operators/pair.js';

/** States of samples by key, packed by leaving out what is usual: nothing is kept of most samples. */
export class SampleStates {
  private readonly unusual = new Map<string, SampleState>();
  private waiting = 0;

  /** @param stored keys of samples that are stored since before the start */
  constructor(stored: Iterable<string>) {
    for (const key of stored) this.unusual.set(key, unannouncedState);
  }

  /** How many have only one of their halves. */
  get waitingCount(): number {
    return this.waiting;
  }

  of(key: string): SampleState {
    return this.unusual.get(key) ?? usualState;
  }

  set(key: string, state: SampleState): void {
    this.waiting += countOfWaiting(state) - countOfWaiting(this.of(key));
    if (isUsual(state)) this.unusual.delete(key);
    else this.unusual.set(key, state);
  }

  /** False where it had been announced before. */
  announce(key: string): boolean {
    const state = this.of(key);
    if (state.isAnnounced) return false;
    this.set(key, { ...state, isAnnounced: true });
    return true;
  }

  /** Those that wait, each once until something comes or goes. */
  takeUnreported(): { readonly key: string; readonly missing: 'image' | 'mask' }[] {
    if (this.waiting === 0) return [];
    return [...this.unusual].flatMap(([key, state]) => {
      const { files } = state;
      if (files.are !== 'waiting' || files.isReported) return [];
      this.set(key, waitingReported(state));
      return [{ key, missing: files.missing }];
    });
  }
}

function countOfWaiting({ files }: SampleState): number {
  return files.are === 'waiting' ? 1 : 0;
}
