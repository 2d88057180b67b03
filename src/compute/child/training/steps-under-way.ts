import type { ModelCard } from '../../../model/card.js';
import type { StepResult } from '../../../model/training-step.js';

/** A step that the device has been given, and whose loss has not been looked at. */
export interface StepUnderWay {
  readonly images: number;
  readonly learningRate: number;
  readonly figures: Promise<StepResult>;
}

/**
 * The steps that the device works on, in their order. A GPU gets the next one before the loss of the
 * one before is read: it need not wait for the next batch's augmentation, upload and commands. The
 * kernels of other backends have done their work when they return.
 */
export class StepsUnderWay {
  private readonly steps: StepUnderWay[] = [];
  private readonly ahead: number;

  /** @param finished gets each step with its figures */
  constructor(
    backend: ModelCard['backend'],
    private readonly finished: (step: StepUnderWay, figures: StepResult) => void,
  ) {
    this.ahead = backend === 'webgpu' ? 1 : 0;
  }

  get count(): number {
    return this.steps.length;
  }

  /** Takes up a step, and waits until the device may be given the next one. */
  async add(step: StepUnderWay): Promise<void> {
    // Whoever finishes the step hears of it; until then it is nobody's.
    step.figures.catch(() => {});
    this.steps.push(step);
    await this.steps.at(-1 - this.ahead)?.figures;
  }

  /** All but those that the device may still be busy with. */
  finishDone(): Promise<void> {
    return this.finishUntil(this.ahead);
  }

  /** Every one. Rejects with what a step failed of. */
  finishAll(): Promise<void> {
    return this.finishUntil(0);
  }

  private async finishUntil(left: number): Promise<void> {
    while (this.steps.length > left) {
      const figures = await this.steps[0]!.figures;
      this.finished(this.steps.shift()!, figures);
    }
  }
}
