import type { ModelAnswer } from '../../attach/messages.js';
import type { ModelRequest } from '../../events.js';
import { fail } from '../../operators/result.js';
import type { Controls } from '../../ui/controls.js';
import { exitCode } from '../exit-code.js';

/** What a command does when it is asked; what it does not offer is not done. */
export interface Offer extends Partial<Omit<Controls, 'quit'>> {
  /** Test images without a current prediction. */
  pending?(): number;
  changeModel?(request: ModelRequest): Promise<ModelAnswer>;
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
  readonly changeModel = async (request: ModelRequest): Promise<ModelAnswer> =>
    (await this.offer.changeModel?.(request)) ??
    fail(
      'MODEL_NOT_CHANGED',
      'the program that works on the store does not change models now; ask when it has ended.',
    );
  readonly pending = (): number | null => this.offer.pending?.() ?? null;
}
