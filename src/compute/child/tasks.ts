import { memory } from '@tensorflow/tfjs-core';
import { residentMemory } from '../../operators/resident-memory.js';
import { type BatchPass, ComputeFailure, type ComputeInfo, type TrainingRun } from '../compute.js';
import type { ComputeRequest, FailureMessage, FromCompute, ToCompute } from '../protocol.js';
import { BatchInbox } from './batch-inbox.js';
import { DeviceScheduler } from './device-scheduler.js';
import { LoadedNetwork } from './loaded-network.js';
import { runTraining } from './training.js';

type Task = Exclude<ToCompute, { type: 'start' | 'close' }>;

/** What the compute process does once its backend is up: one training at a time, and predictions. */
export class Session {
  private readonly scheduler = new DeviceScheduler();
  private readonly served = new LoadedNetwork();
  /** The one of `predictBy`. */
  private readonly compared = new LoadedNetwork();
  private training: { readonly number: number; readonly interrupt: AbortController } | null = null;
  private pass: { readonly number: number; readonly inbox: BatchInbox } | null = null;
  private passes = 0;

  /** @param crash for what nobody foresaw: a restart is the only cure for a device in an unknown state */
  constructor(
    private readonly info: Pick<ComputeInfo, 'backend' | 'precision' | 'threads'>,
    private readonly send: (message: FromCompute) => void,
    private readonly crash: (error: unknown) => void,
  ) {}

  handle(task: Task): void {
    switch (task.type) {
      case 'train':
        this.train(task.training, task.run).catch(this.crash);
        return;
      case 'batch':
        if (this.pass?.number === task.pass) this.pass.inbox.put(task.batch);
        return;
      case 'pass-end':
        if (this.pass?.number === task.pass) this.pass.inbox.end();
        return;
      case 'interrupt':
        if (this.training?.number === task.training) this.training.interrupt.abort();
        return;
      case 'serve':
        this.answer(task, () => this.served.load(task.folder));
        return;
      case 'predict':
        this.answer(task, () => this.predict(task));
        return;
      case 'put-aside':
        void this.scheduler.run('predict', async () => this.compared.drop());
        return;
    }
  }

  reportMemory(): void {
    const { numTensors, numBytes } = memory();
    const { user, system } = process.cpuUsage();
    this.send({
      type: 'memory',
      tensors: numTensors,
      tensorBytes: numBytes,
      rss: residentMemory(),
      cpuMs: (user + system) / 1000,
      peakRss: process.resourceUsage().maxRSS * 1024,
    });
  }

  private answer(
    { request }: ComputeRequest,
    work: () => Promise<Extract<FromCompute, { type: 'answer' }>['answer']>,
  ): void {
    this.scheduler.run('predict', work).then(
      (answer) => this.send({ type: 'answer', request, answer }),
      (error: unknown) => {
        const failure = failureOf(error);
        if (failure) this.send({ type: 'request-failed', request, failure });
        else this.crash(error);
      },
    );
  }

  private async predict({ images, by }: Extract<ComputeRequest, { type: 'predict' }>) {
    if (by === undefined) return await this.served.predict(images);
    await this.compared.load(by);
    return await this.compared.predict(images);
  }

  private async train(number: number, run: TrainingRun): Promise<void> {
    const interrupt = new AbortController();
    this.training = { number, interrupt };
    try {
      await runTraining(run, {
        scheduler: this.scheduler,
        pull: (pass) => this.pull(number, pass, interrupt.signal),
        report: (report) => {
          this.send({ type: 'report', training: number, report });
          if (report.type === 'epoch') this.reportMemory();
        },
        interrupted: interrupt.signal,
        device: {
          backend: this.info.backend,
          precision: this.info.precision,
          threads: this.info.threads,
        },
        now: () => performance.now(),
      });
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      this.send({ type: 'train-failed', training: number, failure });
    } finally {
      this.training = null;
    }
  }

  private async *pull(training: number, what: BatchPass, interrupted: AbortSignal) {
    const number = ++this.passes;
    const inbox = new BatchInbox(() => this.send({ type: 'credit', pass: number }));
    const drop = () => inbox.drop();
    this.pass = { number, inbox };
    interrupted.addEventListener('abort', drop);
    try {
      this.send({ type: 'pull', training, pass: number, what });
      if (!interrupted.aborted) yield* inbox;
    } finally {
      interrupted.removeEventListener('abort', drop);
      this.pass = null;
      this.send({ type: 'pass-dropped', pass: number });
    }
  }
}

/** What the parent is told as a value; null for a defect or a broken device, which end the process. */
function failureOf(error: unknown): FailureMessage | null {
  if (!(error instanceof ComputeFailure)) return null;
  return { code: error.code, message: error.message };
}
