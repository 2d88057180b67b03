import type { ComputeInfo, TrainingRun } from '../compute.js';
import type { FromCompute, ToCompute } from '../protocol.js';
import { BatchPasses } from './batch-passes.js';
import { DeviceScheduler } from './device-scheduler.js';
import { memoryMessage } from './memory-message.js';
import { failureOf, RequestAnswers } from './request-answers.js';
import { runTraining } from './training/run-training.js';

type Task = Exclude<ToCompute, { type: 'start' | 'close' }>;

/** What the compute process does once its backend is up: one training at a time, and predictions. */
export class Tasks {
  private readonly scheduler = new DeviceScheduler();
  private readonly passes: BatchPasses;
  private readonly answers: RequestAnswers;
  private training: { readonly number: number; readonly interrupt: AbortController } | null = null;

  /** @param crash for what nobody foresaw: a restart is the only cure for a device in an unknown state */
  constructor(
    private readonly device: Pick<ComputeInfo, 'backend' | 'precision' | 'threads'>,
    private readonly send: (message: FromCompute) => void,
    private readonly crash: (error: unknown) => void,
  ) {
    this.passes = new BatchPasses(send);
    this.answers = new RequestAnswers(this.scheduler, send, crash);
  }

  handle(task: Task): void {
    switch (task.type) {
      case 'train':
        this.train(task.training, task.run).catch(this.crash);
        return;
      case 'batch':
        this.passes.inboxOf(task.pass)?.put(task.batch);
        return;
      case 'pass-end':
        this.passes.inboxOf(task.pass)?.end();
        return;
      case 'interrupt':
        if (this.training?.number === task.training) this.training.interrupt.abort();
        return;
      case 'serve':
      case 'predict':
        this.answers.answer(task);
        return;
      case 'put-aside':
        this.answers.putAside();
        return;
    }
  }

  private async train(training: number, run: TrainingRun): Promise<void> {
    const interrupt = new AbortController();
    this.training = { number: training, interrupt };
    try {
      await runTraining(run, {
        scheduler: this.scheduler,
        pull: (pass) => this.passes.pull(training, pass, interrupt.signal),
        report: (report) => {
          this.send({ type: 'report', training, report });
          if (report.type === 'epoch') this.send(memoryMessage());
        },
        interrupted: interrupt.signal,
        device: this.device,
        now: () => performance.now(),
      });
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      this.send({ type: 'train-failed', training, failure });
    } finally {
      this.training = null;
    }
  }
}
