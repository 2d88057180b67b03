import type { Controls } from '../../ui/controls.js';
import { exitCode } from '../exit-code.js';

/** What a command does when it is asked; what it does not offer is not done. */
export interface Offer extends Partial<Omit<Controls, 'quit'>> {
  /** Test images without a current prediction. */
  pending?(): number;
}

/** What keys, signals and viewers ask of a command, from before it begins until it has ended. */
export class FlowControls implements Controls {
  private readonly aborting = new AbortController();
  private isAskedToQuit = false;
  private offer: Offer = {};

  /** Aborts when the command is to finish what is in hand. */
  readonly stopping = this.aborting.signal;

  /** From now on the command does this. */
  use(offer: Offer): void {
    this.offer = offer;
  }

  stop(): void {
    this.aborting.abort();
  }

  /** Whoever asks twice waits no longer. */
  readonly quit = (): void => {
    if (this.isAskedToQuit) process.exit(exitCode.interrupted);
    this.isAskedToQuit = true;
    this.stop();
  };

  readonly pause = (isPaused: boolean): void => this.offer.pause?.(isPaused);
  readonly train = (): void => this.offer.train?.();
  readonly predictAgain = (): void => this.offer.predictAgain?.();
  readonly retryFailed = (): void => this.offer.retryFailed?.();
  readonly pending = (): number | null => this.offer.pending?.() ?? null;
}
