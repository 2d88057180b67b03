import type { Observable, Subscriber, Subscription } from 'rxjs';
import { lookForResumable } from '../../store/checkpoints.js';
import {
  type BatchSource,
  ComputeFailure,
  type TrainingRun,
  type TrainReport,
} from '../compute.js';
import type { FromCompute, ToCompute } from '../protocol.js';
import { BatchOutbox } from './batch-outbox.js';
import { deathsSurvived } from './supervisor-state.js';

/** The process that runs now, whichever it is. */
export interface Connection {
  readonly isUp: boolean;
  readonly messages$: Observable<FromCompute>;
  send(message: ToCompute): void;
}

/**
 * ```
 *   ┌─────────┐           ┌──────────┐ ◄─ attach ─ ┌──────────┐
 *   │ waiting ├─ attach ──► attached │             │ detached │
 *   └─────────┘           └──────────┘ ── died ────► ─────────┘
 *
 *   each of them ── the last report, a failure ──► over
 * ```
 */
type State =
  /** No process has had it yet. */
  | { readonly state: 'waiting' }
  | {
      readonly state: 'attached';
      readonly messages: Subscription;
      /** Of the pass that was pulled last. */
      readonly outbox: BatchOutbox | null;
    }
  /** Its process died: there may be a checkpoint. */
  | { readonly state: 'detached' }
  | { readonly state: 'over' };

/** Whether it is to stop before its end, and then as what. */
type Stop =
  | { readonly wanted: false }
  | { readonly wanted: true; readonly as: 'interrupted' }
  | { readonly wanted: true; readonly as: 'failed'; readonly error: unknown };

type Last = Extract<TrainReport, { type: 'done' | 'interrupted' }>;

/**
 * The program's end of one training: sends batches as the compute process pulls them, and passes its
 * reports on. It outlives the process: `attach` starts it again in the next one.
 */
export class RemoteTraining {
  /** Settles when the training is over, however it ended. */
  readonly ended: Promise<void>;
  private resolveEnded!: () => void;
  private state: State = { state: 'waiting' };
  private stop: Stop = { wanted: false };
  /** Processes that died of it in a row, since its last epoch. */
  private deaths = 0;

  /** @param number unique among the trainings of one process */
  constructor(
    private readonly number: number,
    private readonly run: TrainingRun,
    private readonly source: BatchSource,
    private readonly subscriber: Subscriber<TrainReport>,
    private readonly process: Connection,
  ) {
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  get isOver(): boolean {
    return this.state.state === 'over';
  }

  /** In the process that runs: starts, or goes on from its last checkpoint. */
  async attach(): Promise<void> {
    const checkpoint = this.state.state === 'detached' ? await this.lastCheckpoint() : null;
    // Without a process: the next one gets it.
    if (!this.process.isUp || this.stop.wanted) return;
    if (this.state.state === 'attached' || this.isOver) return;
    const messages = this.process.messages$.subscribe((message) => this.hear(message));
    this.state = { state: 'attached', messages, outbox: null };
    const run = checkpoint ? { ...this.run, resumeFrom: checkpoint.folder } : this.run;
    this.process.send({ type: 'train', training: this.number, run });
  }

  processDied(failure: ComputeFailure): void {
    // Where the process had not been given it yet, it is not to blame.
    if (this.state.state !== 'attached') return;
    this.detach();
    this.deaths++;
    if (this.deaths > deathsSurvived) this.fail(failure);
    else if (this.stop.wanted) void this.endInterrupted();
  }

  /** Asks for a clean stop; resolves when it is over. */
  interrupt(): Promise<void> {
    if (this.isOver) return this.ended;
    if (!this.stop.wanted) this.stop = { wanted: true, as: 'interrupted' };
    if (this.state.state === 'attached') this.sendInterrupt();
    // Between two processes nobody would answer.
    else void this.endInterrupted();
    return this.ended;
  }

  /** Ends with an error. */
  fail(error: unknown): void {
    const cause = this.stop.wanted && this.stop.as === 'failed' ? this.stop.error : error;
    this.end(() => this.subscriber.error(cause));
  }

  private hear(message: FromCompute): void {
    if ('training' in message && message.training !== this.number) return;
    switch (message.type) {
      case 'report': {
        const { report } = message;
        if (report.type === 'epoch') this.deaths = 0;
        if (report.type === 'done' || report.type === 'interrupted') this.finish(report);
        else this.subscriber.next(report);
        return;
      }
      case 'train-failed':
        this.fail(new ComputeFailure(message.failure.code, message.failure.message));
        return;
      case 'pull':
        this.sendBatches(message);
        return;
      case 'credit':
        this.outboxOf(message.pass)?.addCredit();
        return;
      case 'pass-dropped':
        this.outboxOf(message.pass)?.stop();
    }
  }

  private outboxOf(pass: number): BatchOutbox | null {
    const outbox = this.state.state === 'attached' ? this.state.outbox : null;
    return outbox?.pass === pass ? outbox : null;
  }

  private sendBatches({ pass, what }: Extract<FromCompute, { type: 'pull' }>): void {
    if (this.state.state !== 'attached') return;
    this.state.outbox?.stop();
    const outbox = new BatchOutbox(pass, (message) => this.process.send(message));
    this.state = { ...this.state, outbox };
    outbox
      .sendAll(() => this.source(what), this.run.size)
      .catch((error: unknown) => {
        // Told once the compute process has stopped.
        this.stop = { wanted: true, as: 'failed', error };
        this.sendInterrupt();
      });
  }

  private sendInterrupt(): void {
    this.process.send({ type: 'interrupt', training: this.number });
  }

  /** Ends as interrupted although no process can say so any more. */
  private async endInterrupted(): Promise<void> {
    const checkpoint = await this.lastCheckpoint();
    const { epoch, step, folder } = checkpoint ?? { epoch: 1, step: 0, folder: null };
    this.finish({
      type: 'interrupted',
      epoch,
      step,
      checkpoint: folder ?? this.run.resumeFrom ?? null,
    });
  }

  /** The run's own, if it came so far. */
  private async lastCheckpoint() {
    const look = await lookForResumable(this.run.modelsFolder);
    if (look.state !== 'found' || look.resumable.runId !== this.run.runId) return null;
    if (look.insteadOf !== null && !this.isOver) {
      this.subscriber.next({ type: 'fell-back', why: look.insteadOf });
    }
    return look.resumable;
  }

  private finish(report: Last): void {
    if (this.stop.wanted && this.stop.as === 'failed') {
      this.fail(this.stop.error);
      return;
    }
    this.end(() => {
      this.subscriber.next(report);
      this.subscriber.complete();
    });
  }

  private end(tell: () => void): void {
    if (this.isOver) return;
    this.detach();
    this.state = { state: 'over' };
    this.resolveEnded();
    tell();
  }

  private detach(): void {
    if (this.state.state !== 'attached') return;
    this.state.messages.unsubscribe();
    this.state.outbox?.stop();
    this.state = { state: 'detached' };
  }
}
