import type { Observable } from 'rxjs';
import { ComputeFailure } from '../compute.js';
import type { Answers, ComputeQuestion, ComputeRequest, FromCompute } from '../protocol.js';
import { deathsSurvived } from './supervisor-state.js';

interface Call {
  readonly message: ComputeRequest;
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (error: unknown) => void;
  /** Processes that died before they answered. */
  readonly deaths: number;
}

/** What was asked of the compute process and not answered yet: asked again of each next process. */
export class RemoteCalls {
  private readonly open = new Map<number, Call>();
  private lastNumber = 0;

  constructor(
    messages$: Observable<FromCompute>,
    private readonly send: (message: ComputeRequest) => void,
  ) {
    messages$.subscribe((message) => this.hear(message));
  }

  get isEmpty(): boolean {
    return this.open.size === 0;
  }

  /** Rejects with the `ComputeFailure` that was answered, or with what its processes died of. */
  ask<Type extends ComputeQuestion['type']>(
    question: Extract<ComputeQuestion, { type: Type }>,
  ): Promise<Answers[Type]> {
    const message = { ...question, request: ++this.lastNumber };
    return new Promise((resolve, reject) => {
      const settle = resolve as Call['resolve'];
      this.open.set(message.request, { message, resolve: settle, reject, deaths: 0 });
      this.send(message);
    });
  }

  /** To a new process. */
  handOver(): void {
    for (const { message } of this.open.values()) this.send(message);
  }

  processDied(failure: ComputeFailure): void {
    for (const [number, call] of this.open) {
      const deaths = call.deaths + 1;
      if (deaths > deathsSurvived) this.take(number)?.reject(failure);
      else this.open.set(number, { ...call, deaths });
    }
  }

  fail(error: unknown): void {
    for (const number of [...this.open.keys()]) this.take(number)?.reject(error);
  }

  private hear(message: FromCompute): void {
    switch (message.type) {
      case 'answer':
        this.take(message.request)?.resolve(message.answer);
        return;
      case 'request-failed': {
        const { code, message: text } = message.failure;
        this.take(message.request)?.reject(new ComputeFailure(code, text));
      }
    }
  }

  private take(number: number): Call | undefined {
    const call = this.open.get(number);
    this.open.delete(number);
    return call;
  }
}
