import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Observable, ReplaySubject } from 'rxjs';
import type { BackendName } from '../../events.js';
import type { ModelCard } from '../../model/card.js';
import { sizeProblem } from '../../model/network-size.js';
import { lookForResumable } from '../../store/checkpoints.js';
import type { BackendCandidate, BackendSettings } from '../backends/candidate.js';
import { backendCandidates, candidatesFor } from '../backends/candidates.js';
import { type SelectedBackend, selectBackend } from '../backends/select-backend.js';
import {
  type BatchSource,
  type Compute,
  ComputeFailure,
  type ComputeHealth,
  type ComputeInfo,
  type ImageBatch,
  type ProbabilityBatch,
  type TrainingRun,
  type TrainReport,
} from '../compute.js';
import type { ComputeRequest, FromCompute } from '../protocol.js';
import { closedFailure, deathFailure, noBackendFailure } from './failures.js';
import { TrainingLink } from './remote-training.js';
import { type Child, type ChildExit, type StartChild, startChild } from './start-child.js';
import { realTicker, type Ticker, Watchdog } from './watchdog.js';

export interface ComputeProcessOptions {
  readonly backend: 'auto' | BackendName;
  /** Default: as many as the process may use. */
  readonly threads?: number;
  readonly precision?: ComputeInfo['precision'];
}

/** What tests replace. */
export interface ComputeProcessEdges {
  readonly start: StartChild;
  readonly candidates: readonly BackendCandidate[];
  readonly ticker: Ticker;
  readonly wait: (ms: number) => Promise<unknown>;
  /** How long `close` waits for a training to save itself, then for the process to end. */
  readonly closeWithinMs: number;
}

/** Deaths in a row that a training, or a request, may live through. */
const restarts = 3;
const restartAfterMs = 500;

interface Running extends SelectedBackend {
  readonly watchdog: Watchdog;
  /** Set before it is killed for hanging. */
  hangMessage: string | null;
}

interface Pending {
  readonly message: ComputeRequest;
  readonly resolve: (answer: ModelCard | ProbabilityBatch) => void;
  readonly reject: (error: unknown) => void;
  deaths: number;
}

/**
 * Trains and predicts in a child process, which may crash, hang or lose its GPU: then another is
 * started, loads the served model, goes on with the training from its last checkpoint and answers
 * what was asked. What has killed it four times in a row fails.
 */
export class ComputeProcess implements Compute {
  readonly health$: Observable<ComputeHealth>;
  private readonly health = new ReplaySubject<ComputeHealth>(1);
  private readonly edges: ComputeProcessEdges;
  private readonly settings: BackendSettings;
  private readonly children = new Set<Child>();
  /** Pending or settled: the process that runs now or will next. */
  private up: Promise<Running> | null = null;
  private running: Running | null = null;
  private closing: Promise<void> | null = null;
  private link: TrainingLink | null = null;
  /** Since anything was last achieved. */
  private deaths = 0;
  private linkDeaths = 0;
  private served: { readonly folder: string; readonly card: ModelCard } | null = null;
  private readonly pending = new Map<number, Pending>();
  /** Numbers trainings and requests, over restarts. */
  private numbers = 0;

  constructor(
    private readonly options: ComputeProcessOptions,
    edges: Partial<ComputeProcessEdges> = {},
  ) {
    this.health$ = this.health.asObservable();
    this.settings = {
      threads: options.threads ?? availableParallelism(),
      precision: options.precision ?? 'float32',
    };
    this.edges = {
      start: startChild,
      candidates: backendCandidates,
      ticker: realTicker,
      wait: (ms) => delay(ms),
      closeWithinMs: 20_000,
      ...edges,
    };
  }

  async start(): Promise<ComputeInfo> {
    return (await this.ready()).info;
  }

  train(run: TrainingRun, source: BatchSource): Observable<TrainReport> {
    return new Observable((subscriber) => {
      const problem = sizeProblem(run.size);
      if (problem) {
        subscriber.error(new RangeError(problem));
        return;
      }
      const link = new TrainingLink(run, source, subscriber);
      void this.begin(link);
      return () => {
        // Also reached after its end, when there is nothing left to interrupt.
        if (!link.isOver) void this.interruptChild(link);
      };
    });
  }

  async interrupt(): Promise<void> {
    if (this.link) await this.interruptChild(this.link);
  }

  async serve(modelFolder: string): Promise<ModelCard> {
    if (this.served?.folder === modelFolder) return this.served.card;
    const card = (await this.request((request) => ({
      type: 'serve',
      request,
      folder: modelFolder,
    }))) as ModelCard;
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
    const answer = await this.request((request) => ({ type: 'predict', request, images }));
    return answer as ProbabilityBatch;
  }

  async predictBy(modelFolder: string, images: ImageBatch): Promise<ProbabilityBatch> {
    const answer = await this.request((request) => ({
      type: 'predict',
      request,
      images,
      by: modelFolder,
    }));
    return answer as ProbabilityBatch;
  }

  putAside(): void {
    this.running?.child.send({ type: 'put-aside' });
  }

  close(): Promise<void> {
    this.closing ??= this.closeChild();
    return this.closing;
  }

  // The process's life

  private ready(): Promise<Running> {
    if (this.closing) return Promise.reject(closedFailure());
    this.up ??= this.launch(candidatesFor(this.options.backend, this.edges.candidates));
    return this.up;
  }

  private async launch(
    candidates: readonly BackendCandidate[],
    before?: ComputeInfo,
  ): Promise<Running> {
    try {
      if (!before) this.health.next({ state: 'starting' });
      const selected = await selectBackend(candidates, this.settings, (environment) =>
        this.fork(environment),
      );
      if (!('child' in selected)) throw noBackendFailure(this.options.backend, selected.skipped);
      const skipped = [...(before?.skipped ?? []), ...selected.info.skipped];
      const running: Running = {
        ...selected,
        info: { ...selected.info, skipped },
        hangMessage: null,
        watchdog: new Watchdog(
          selected.candidate.hangAfterMs,
          (silentMs) => this.hung(silentMs),
          this.edges.ticker,
        ),
      };
      this.running = running;
      selected.child.onMessage((message) => this.hear(running, message));
      void selected.child.exited.then((exit) => this.died(running, exit));
      this.health.next({ state: 'ready', info: running.info });
      this.handOver(running);
      return running;
    } catch (error) {
      // The next call tries again: the program may be left running for weeks.
      this.up = null;
      if (!this.closing && error instanceof ComputeFailure) {
        this.health.next({ state: 'failed', code: error.code, message: error.message });
      }
      throw error;
    }
  }

  private fork(environment: Readonly<Record<string, string>>): Child {
    if (this.closing) throw closedFailure();
    const child = this.edges.start(environment);
    this.children.add(child);
    void child.exited.then(() => this.children.delete(child));
    return child;
  }

  private hung(silentMs: number): void {
    const running = this.running;
    if (!running) return;
    running.hangMessage = `no sign of life for ${Math.round(silentMs / 1000)} s`;
    running.child.kill();
  }

  private died(running: Running, exit: ChildExit): void {
    running.watchdog.stop();
    if (this.running !== running) return;
    this.running = null;
    this.up = null;
    if (this.closing) return;
    const failure = deathFailure(exit, running.hangMessage);
    const deaths = this.blame(failure);
    this.link?.detach();
    const isIdle = this.link === null && this.pending.size === 0;
    if (isIdle && deaths > restarts) {
      this.health.next({ state: 'failed', code: failure.code, message: failure.message });
      return;
    }
    this.health.next({ state: 'restarting', attempt: deaths, message: failure.message });
    this.up = this.relaunch(running, deaths);
    this.up.catch((error: unknown) => this.failAll(error));
  }

  /** Counts a death against all that was under way and fails what has seen too many. Returns how many there were in a row. */
  private blame(failure: ComputeFailure): number {
    this.deaths++;
    // Killed while it was only being started anew, say by a prediction: not its fault.
    if (this.link?.isAttached && ++this.linkDeaths > restarts) this.failTraining(failure);
    for (const [request, pending] of this.pending) {
      if (++pending.deaths > restarts) this.settle(request, (each) => each.reject(failure));
    }
    // Whoever is to blame: this leads nowhere.
    if (this.deaths > 2 * restarts) this.failAll(failure);
    return this.deaths;
  }

  private async relaunch(before: Running, deaths: number): Promise<Running> {
    await this.edges.wait(restartAfterMs * deaths);
    const candidates = candidatesFor(this.options.backend, this.edges.candidates);
    // The candidates above were unusable a while ago; those below are there should the GPU be lost.
    return this.launch(candidates.slice(candidates.indexOf(before.candidate)), before.info);
  }

  /** To a new process: everything that the one before had to do. */
  private handOver(running: Running): void {
    if (this.served) {
      // Its answer is dropped: the number is nobody's.
      running.child.send({ type: 'serve', request: 0, folder: this.served.folder });
    }
    for (const { message } of this.pending.values()) running.child.send(message);
    if (this.link) void this.attach(this.link);
  }

  private failTraining(error: unknown): void {
    this.link?.fail(error);
    this.link = null;
  }

  private failAll(error: unknown): void {
    this.failTraining(error);
    for (const request of [...this.pending.keys()]) {
      this.settle(request, (pending) => pending.reject(error));
    }
  }

  private async closeChild(): Promise<void> {
    const { closeWithinMs } = this.edges;
    const link = this.link;
    if (link) await this.within(closeWithinMs, this.interruptChild(link));
    const running = this.running;
    running?.watchdog.stop();
    running?.child.send({ type: 'close' });
    for (const child of this.children) if (child !== running?.child) child.kill();
    if (running) {
      const ended = await this.within(Math.min(2000, closeWithinMs), running.child.exited);
      if (!ended) running.child.kill();
    }
    await Promise.all([...this.children].map((child) => child.exited));
    this.failAll(closedFailure());
    this.health.complete();
  }

  /** Whether it settled in time. */
  private async within(ms: number, work: Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  // What it says

  private hear(running: Running, message: FromCompute): void {
    if (this.running !== running) return;
    running.watchdog.beat();
    switch (message.type) {
      case 'ready':
      case 'unusable':
      case 'heartbeat':
        return;
      case 'memory': {
        const { type: _, ...figures } = message;
        this.health.next({ state: 'memory', ...figures });
        return;
      }
      case 'answer':
        this.deaths = 0;
        this.settle(message.request, (pending) => pending.resolve(message.answer));
        return;
      case 'request-failed': {
        const { code, message: text } = message.failure;
        // The model that the process before this one served: it has to be loaded again.
        if (message.request === 0) this.served = null;
        this.settle(message.request, (pending) => pending.reject(new ComputeFailure(code, text)));
        return;
      }
      case 'report':
        if (message.report.type === 'epoch') {
          this.deaths = 0;
          this.linkDeaths = 0;
        }
        this.link?.hear(message);
        return;
      case 'pull':
      case 'credit':
      case 'pass-dropped':
      case 'train-failed':
        this.link?.hear(message);
        return;
      default:
        message satisfies never;
    }
  }

  // Requests

  private async request(
    make: (request: number) => ComputeRequest,
  ): Promise<ModelCard | ProbabilityBatch> {
    await this.ready();
    const message = make(++this.numbers);
    return new Promise((resolve, reject) => {
      this.pending.set(message.request, { message, resolve, reject, deaths: 0 });
      // Without a process now, the next one gets it.
      this.running?.child.send(message);
    });
  }

  private settle(request: number, how: (pending: Pending) => void): void {
    const pending = this.pending.get(request);
    if (!pending) return;
    this.pending.delete(request);
    how(pending);
  }

  // Training

  private async begin(link: TrainingLink): Promise<void> {
    while (this.link) await this.link.ended;
    if (link.isInterrupting) {
      link.endInterrupted(1, 0, link.run.resumeFrom ?? null);
      return;
    }
    this.link = link;
    this.linkDeaths = 0;
    void link.ended.then(() => {
      if (this.link === link) this.link = null;
    });
    await this.ready().then(
      () => this.attach(link),
      (error: unknown) => link.fail(error),
    );
  }

  /** Starts a training in the process that runs, or goes on with it from its last checkpoint. */
  private async attach(link: TrainingLink): Promise<void> {
    const checkpoint = link.wasAttached ? await this.checkpointOf(link) : undefined;
    const running = this.running;
    // Without a process: the next one gets it.
    if (!running || link.isAttached || link.isOver) return;
    if (link.isInterrupting) this.endInterrupted(link, checkpoint);
    else link.attach((message) => running.child.send(message), ++this.numbers, checkpoint?.folder);
  }

  private async interruptChild(link: TrainingLink): Promise<void> {
    link.interrupt();
    // Between two processes nobody would answer.
    if (!this.running && this.link === link) {
      this.endInterrupted(link, await this.checkpointOf(link));
    }
    await link.ended;
  }

  private endInterrupted(
    link: TrainingLink,
    checkpoint:
      | { readonly folder: string; readonly epoch: number; readonly step: number }
      | undefined,
  ): void {
    if (checkpoint) link.endInterrupted(checkpoint.epoch, checkpoint.step, checkpoint.folder);
    else link.endInterrupted(1, 0, link.run.resumeFrom ?? null);
  }

  /** The run's own last checkpoint, if it came so far. */
  private async checkpointOf(link: TrainingLink) {
    const look = await lookForResumable(link.run.modelsFolder);
    if (look.state !== 'found' || look.resumable.runId !== link.run.runId) return undefined;
    if (look.insteadOf !== null) link.fellBack(look.insteadOf);
    return look.resumable;
  }
}
