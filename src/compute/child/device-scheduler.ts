/** What wants the device: every training step is one job, every prediction batch is one. */
export type Priority = 'predict' | 'train';

interface Job {
  readonly run: () => Promise<void>;
}

/**
 * One thing at a time on the device, two queues for it. Predictions slip in between training steps,
 * ahead of them, but no longer at a stretch than the last step took: both get about half the time
 * while both have work, and each gets all of it while the other has none.
 */
export class DeviceScheduler {
  private readonly waiting: Record<Priority, Job[]> = { predict: [], train: [] };
  private running = false;
  private lastStepMs = 0;
  private predictedMs = 0;

  /** @param now milliseconds, monotonic */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Runs `job` when it is its turn; settles as the job does. Jobs of one priority keep their order. */
  run<T>(priority: Priority, job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting[priority].push({ run: () => job().then(resolve, reject) });
      if (!this.running) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let priority = this.next(); priority; priority = this.next()) {
      const start = this.now();
      await this.waiting[priority].shift()!.run();
      this.account(priority, this.now() - start);
      // Kernels are synchronous: without this no message would be read for as long as work is left.
      await new Promise(setImmediate);
    }
    this.running = false;
  }

  private next(): Priority | null {
    const { predict, train } = this.waiting;
    if (predict.length === 0) return train.length === 0 ? null : 'train';
    if (train.length === 0) return 'predict';
    return this.predictedMs < this.lastStepMs ? 'predict' : 'train';
  }

  private account(priority: Priority, ms: number): void {
    switch (priority) {
      case 'train':
        this.lastStepMs = ms;
        this.predictedMs = 0;
        return;
      case 'predict':
        this.predictedMs += ms;
    }
  }
}
