import { Observable } from 'rxjs';
import { DeviceScheduler } from '../../src/compute/child/device-scheduler.js';
import { LoadedNetwork } from '../../src/compute/child/loaded-network.js';
import { runTraining } from '../../src/compute/child/training/run-training.js';
import type {
  BatchSource,
  ImageBatch,
  ProbabilityBatch,
  TrainingRun,
  TrainReport,
} from '../../src/compute/compute.js';
import type { ModelCard } from '../../src/model/card.js';
import { FakeCompute } from '../support/fake-compute.js';

/** Trains and predicts for real, without a process of its own; the caller has chosen a backend. */
export class InProcessCompute extends FakeCompute {
  private readonly model = new LoadedNetwork();

  override train(run: TrainingRun, source: BatchSource): Observable<TrainReport> {
    return new Observable((subscriber) => {
      this.runs.push(run);
      runTraining(run, {
        scheduler: new DeviceScheduler(),
        pull: source,
        report: (report) => subscriber.next(report),
        interrupted: new AbortController().signal,
        device: { backend: 'wasm', precision: 'float32', threads: 1 },
        now: () => performance.now(),
      }).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
    });
  }

  override async serve(folder: string): Promise<ModelCard> {
    return await this.model.load(folder);
  }

  override async predict(images: ImageBatch): Promise<ProbabilityBatch> {
    return await this.model.predict(images);
  }

  override async predictBy(folder: string, images: ImageBatch): Promise<ProbabilityBatch> {
    await this.model.load(folder);
    return await this.model.predict(images);
  }

  override putAside(): void {
    this.model.drop();
  }
}
