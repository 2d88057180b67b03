import { ComputeFailure } from '../compute.js';
import type { Answers, ComputeRequest, FailureMessage, FromCompute } from '../protocol.js';
import type { DeviceScheduler } from './device-scheduler.js';
import { LoadedNetwork } from './loaded-network.js';

/** Answers requests in their order, between the steps of a training. */
export class RequestAnswers {
  private readonly served = new LoadedNetwork();
  /** The one of `predictBy`. */
  private readonly compared = new LoadedNetwork();

  constructor(
    private readonly scheduler: DeviceScheduler,
    private readonly send: (message: FromCompute) => void,
    private readonly crash: (error: unknown) => void,
  ) {}

  answer(question: ComputeRequest): void {
    const { request } = question;
    this.scheduler
      .run('predict', () => this.answerTo(question))
      .then(
        (answer) => this.send({ type: 'answer', request, answer }),
        (error: unknown) => {
          const failure = failureOf(error);
          if (failure) this.send({ type: 'request-failed', request, failure });
          else this.crash(error);
        },
      );
  }

  putAside(): void {
    void this.scheduler.run('predict', async () => this.compared.drop());
  }

  private async answerTo(question: ComputeRequest): Promise<Answers[keyof Answers]> {
    switch (question.type) {
      case 'serve':
        return this.served.load(question.folder);
      case 'predict': {
        if (question.by === undefined) return this.served.predict(question.images);
        await this.compared.load(question.by);
        return this.compared.predict(question.images);
      }
    }
  }
}

/** What the parent is told as a value; null for a defect or a broken device, which end the process. */
export function failureOf(error: unknown): FailureMessage | null {
  if (!(error instanceof ComputeFailure)) return null;
  return { code: error.code, message: error.message };
}
