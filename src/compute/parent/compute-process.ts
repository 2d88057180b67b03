import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Observable } from 'rxjs';
import type { BackendName } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import { sizeProblem } from '../../model/network-size.js';
import { backendCandidates } from '../backends/candidates.js';
import type {
  BatchSource,
  Compute,
  ComputeFailure,
  ComputeHealth,
  ComputeInfo,
  ImageBatch,
  ProbabilityBatch,
  TrainingRun,
  TrainReport,
} from '../compute.js';
import type { Answers, ComputeQuestion } from '../protocol.js';
import { closedFailure } from './failures.js';
import { RemoteCalls } from './remote-calls.js';
import { RemoteTraining } from './remote-training.js';
import { startChild } from './start-child.js';
import { Supervisor, type SupervisorOptions, settlesWithin } from './supervisor.js';
import { realTicker } from './watchdog.js';

export interface ComputeProcessOptions {
  readonly backend: 'auto' | BackendName;
  /** Default: as many as the process may use. */
  readonly threads?: number;
  readonly precision?: ComputeInfo['precision'];
}

/** What tests replace. */
export interface ComputeProcessEdges
  extends Pick<SupervisorOptions, 'start' | 'candidates' | 'ticker' | 'wait'> {
  /** How long `close` waits for a training to save itself, then for the process to end. */
  readonly closeWithinMs: number;
}

/**
 * Trains and predicts in a child process, which may crash, hang or lose its GPU: then another is
 * started, loads the served model, goes on with the training from its last checkpoint and answers
 * what was asked. What has killed it four times in a row fails.
 */
export class ComputeProcess implements Compute {
  readonly health$: Observable<ComputeHealth>;
  private readonly supervisor: Supervisor;
  private readonly calls: RemoteCalls;
  private readonly closeWithinMs: number;
  private closing: Promise<void> | null = null;
  /** One at a time; over, it stays until the next one begins. */
  private training: RemoteTraining | null = null;
  private trainings = 0;
  private served: { readonly folder: string; readonly card: ModelCard } | null = null;

  constructor(
    { backend, threads, precision }: ComputeProcessOptions,
    edges: Partial<ComputeProcessEdges> = {},
  ) {
    this.closeWithinMs = edges.closeWithinMs ?? 20_000;
    this.supervisor = new Supervisor(
      {
        backend,
        settings: { threads: threads ?? availableParallelism(), precision: precision ?? 'float32' },
        candidates: edges.candidates ?? backendCandidates,
        start: edges.start ?? startChild,
        ticker: edges.ticker ?? realTicker,
        wait: edges.wait ?? delay,
      },
      {
        handOver: () => this.handOver(),
        processDied: (failure) => this.processDied(failure),
        fail: (error) => this.fail(error),
        hasWork: () => !this.calls.isEmpty || this.training?.isOver === false,
      },
    );
    this.health$ = this.supervisor.health$;
    this.calls = new RemoteCalls(this.supervisor.messages$, (message) =>
      this.supervisor.send(message),
    );
    this.supervisor.messages$.subscribe((message) => {
      // The model that the process before this one served: it has to be loaded again.
      if (message.type === 'request-failed' && message.request === 0) this.served = null;
    });
  }

  start(): Promise<ComputeInfo> {
    return this.supervisor.ready();
  }

  train(run: TrainingRun, source: BatchSource): Observable<TrainReport> {
    return new Observable((subscriber) => {
      const problem = sizeProblem(run.size);
      if (problem) {
        subscriber.error(new RangeError(problem));
        return;
      }
      const number = ++this.trainings;
      const training = new RemoteTraining(number, run, source, subscriber, this.supervisor);
      void this.begin(training);
      return () => void training.interrupt();
    });
  }

  async interrupt(): Promise<void> {
    await this.training?.interrupt();
  }

  async serve(modelFolder: string): Promise<ModelCard> {
    if (this.served?.folder === modelFolder) return this.served.card;
    const card = await this.ask<'serve'>({ type: 'serve', folder: modelFolder });
    this.served = { folder: modelFolder, card };
    return card;
  }

  async predict(images: ImageBatch): Promise<ProbabilityBatch> {
    if (this.served) {
      const { height, width } = this.served.card.size;
      if (images.images.length !== images.count * height * width) {
        throw new RangeError(
          `${images.images.length} pixels are not ${images.count} images of ${height}x${width}`,
        );
      }
    }
    return this.ask<'predict'>({ type: 'predict', images });
  }

  predictBy(modelFolder: string, images: ImageBatch): Promise<ProbabilityBatch> {
    return this.ask<'predict'>({ type: 'predict', images, by: modelFolder });
  }

  putAside(): void {
    this.supervisor.send({ type: 'put-aside' });
  }

  close(): Promise<void> {
    this.closing ??= this.closeInOrder();
    return this.closing;
  }

  private async closeInOrder(): Promise<void> {
    this.supervisor.close();
    await settlesWithin(this.closeWithinMs, this.interrupt());
    await this.supervisor.end(Math.min(2000, this.closeWithinMs));
  }

  private async ask<Type extends ComputeQuestion['type']>(
    question: Extract<ComputeQuestion, { type: Type }>,
  ): Promise<Answers[Type]> {
    if (this.supervisor.isClosing) throw closedFailure();
    const answer = this.calls.ask<Type>(question);
    this.supervisor.want();
    return answer;
  }

  private async begin(training: RemoteTraining): Promise<void> {
    while (this.training?.isOver === false) await this.training.ended;
    if (training.isOver) return;
    this.training = training;
    if (this.supervisor.isClosing) training.fail(closedFailure());
    else if (this.supervisor.isUp) await training.attach();
    else this.supervisor.want();
  }

  /** To a new process: everything that the one before had to do. */
  private handOver(): void {
    if (this.served) {
      // Its answer is dropped: the number is nobody's.
      this.supervisor.send({ type: 'serve', request: 0, folder: this.served.folder });
    }
    this.calls.handOver();
    void this.training?.attach();
  }

  private processDied(failure: ComputeFailure): void {
    this.training?.processDied(failure);
    this.calls.processDied(failure);
  }

  private fail(error: unknown): void {
    this.training?.fail(error);
    this.calls.fail(error);
  }
}
