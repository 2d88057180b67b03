import type { Subscriber } from 'rxjs';
import type { GridSize } from '../../operators/image.js';
import {
  type BatchSource,
  ComputeFailure,
  type PairBatch,
  type TrainingRun,
  type TrainReport,
} from '../compute.js';
import { creditsPerPass, type FromCompute, type ToCompute } from '../protocol.js';

type Heard = Extract<
  FromCompute,
  { type: 'pull' | 'credit' | 'pass-dropped' | 'report' | 'train-failed' }
>;

/**
 * The program's end of one training: feeds batches as the compute process pulls them and passes its
 * reports on. It outlives the process: `attach` starts it again in the next one.
 */
export class TrainingLink {
  /** Settles when the training is over, however it ended. */
  readonly ended: Promise<void>;
  private resolveEnded!: () => void;
  private send: ((message: ToCompute) => void) | null = null;
  private number = 0;
  private feeder: Feeder | null = null;
  private over = false;
  private interrupting = false;
  /** What the source threw: told once the compute process has stopped. */
  private sourceError: { readonly error: unknown } | null = null;

  constructor(
    readonly run: TrainingRun,
    private readonly source: BatchSource,
    private readonly subscriber: Subscriber<TrainReport>,
  ) {
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  get isOver(): boolean {
    return this.over;
  }

  get isAttached(): boolean {
    return this.send !== null;
  }

  /** Some process has had it: there may be a checkpoint. */
  get wasAttached(): boolean {
    return this.number > 0;
  }

  get isInterrupting(): boolean {
    return this.interrupting;
  }

  /**
   * Starts, or goes on, in a compute process that is ready.
   *
   * @param number unique among trainings and restarts: what a dead process said is not mistaken for this one's
   * @param checkpoint overrides the run's `resumeFrom` after a restart
   */
  attach(send: (message: ToCompute) => void, number: number, checkpoint?: string): void {
    this.send = send;
    this.number = number;
    const run = checkpoint === undefined ? this.run : { ...this.run, resumeFrom: checkpoint };
    send({ type: 'train', training: number, run });
  }

  /** The process is gone. */
  detach(): void {
    this.send = null;
    this.feeder?.stop();
    this.feeder = null;
  }

  /** Asks for a clean stop; `ended` tells when. */
  interrupt(): void {
    this.interrupting = true;
    this.send?.({ type: 'interrupt', training: this.number });
  }

  hear(message: Heard): void {
    switch (message.type) {
      case 'pull':
        if (message.training === this.number) this.feed(message);
        return;
      case 'credit':
        this.feeder?.credit(message.pass);
        return;
      case 'pass-dropped':
        if (this.feeder?.pass === message.pass) this.feeder.stop();
        return;
      case 'report':
        if (message.training === this.number) this.pass(message.report);
        return;
      case 'train-failed':
        if (message.training !== this.number) return;
        this.fail(new ComputeFailure(message.failure.code, message.failure.message));
    }
  }

  /** Ends with an error. */
  fail(error: unknown): void {
    this.end(() => this.subscriber.error(this.sourceError?.error ?? error));
  }

  /** The newest checkpoint is damaged: it goes on from the one before. */
  fellBack(why: string): void {
    this.pass({ type: 'fell-back', why });
  }

  /** Ends as interrupted although no process can say so any more. */
  endInterrupted(epoch: number, step: number, checkpoint: string | null): void {
    this.pass({ type: 'interrupted', epoch, step, checkpoint });
  }

  private pass(report: TrainReport): void {
    if (this.over) return;
    switch (report.type) {
      case 'fell-back':
      case 'step':
      case 'epoch':
        this.subscriber.next(report);
        return;
      case 'done':
      case 'interrupted': {
        const failed = this.sourceError;
        if (failed) {
          this.fail(failed.error);
          return;
        }
        this.end(() => {
          this.subscriber.next(report);
          this.subscriber.complete();
        });
      }
    }
  }

  private end(tell: () => void): void {
    if (this.over) return;
    this.over = true;
    this.detach();
    this.resolveEnded();
    tell();
  }

  private feed({ pass, what }: Extract<Heard, { type: 'pull' }>): void {
    this.feeder?.stop();
    const send = this.send!;
    const feeder = new Feeder(pass, send);
    this.feeder = feeder;
    feeder
      .run(() => this.source(what), this.run.size)
      .catch((error: unknown) => {
        if (feeder.stopped) return;
        this.sourceError = { error };
        this.interrupt();
      });
  }
}

/** Sends one pass's batches, never more than its credits allow. */
class Feeder {
  private credits = creditsPerPass;
  stopped = false;
  private wake: (() => void) | null = null;

  constructor(
    readonly pass: number,
    private readonly send: (message: ToCompute) => void,
  ) {}

  /** Rejects with what the source throws. */
  async run(open: () => ReturnType<BatchSource>, size: GridSize): Promise<void> {
    // The loop's `break` and a throw both call the iterator's `return`: the source may clean up.
    for await (const batch of open()) {
      if (this.stopped) return;
      checkBatch(batch, size);
      while (this.credits === 0 && !this.stopped) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
      if (this.stopped) return;
      this.credits--;
      this.send({ type: 'batch', pass: this.pass, batch });
    }
    if (!this.stopped) this.send({ type: 'pass-end', pass: this.pass });
  }

  credit(pass: number): void {
    if (pass !== this.pass) return;
    this.credits++;
    this.wake?.();
  }

  stop(): void {
    this.stopped = true;
    this.wake?.();
  }
}

/** A batch of another size would be a crash in native code at worst. */
function checkBatch({ count, images, masks }: PairBatch, { height, width }: GridSize): void {
  const pixels = count * height * width;
  if (count > 0 && images.length === pixels && masks.length === pixels) return;
  throw new RangeError(
    `a batch of ${count} images ${height}x${width} has ${images.length} and ${masks.length} pixels`,
  );
}
