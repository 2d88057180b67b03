import { BehaviorSubject, Subject } from 'rxjs';
import type { PipelineEvent } from '../../src/events.js';
import {
  type CacheToModel,
  makeCacheToModel,
  type TrainingContext,
  type TrainingRequest,
  type TrainingSignal,
} from '../../src/streams/cache-to-model.js';
import type { TrainingDecision } from '../../src/streams/training/when-to-train.js';

export type OfferedModel = Extract<TrainingSignal, { type: 'model' }>;

/** A program that trains on its store and does nothing else, until it is stopped. */
export class TrainerInTest {
  private readonly events = new Subject<PipelineEvent>();
  readonly events$ = this.events.asObservable();
  private readonly models = new Subject<OfferedModel>();
  readonly models$ = this.models.asObservable();
  readonly busy$ = new BehaviorSubject(false);

  private readonly stopping = new AbortController();
  private readonly cacheToModel: CacheToModel;

  constructor(context: Omit<TrainingContext, 'stopping' | 'emit'>) {
    this.cacheToModel = makeCacheToModel({
      ...context,
      stopping: this.stopping.signal,
      emit: (event) => this.events.next(event),
    });
  }

  /** What was decided, when it is carried out. */
  async trainIfNeeded(request: TrainingRequest): Promise<TrainingDecision> {
    this.busy$.next(true);
    try {
      return await this.decisionOf(request);
    } finally {
      this.busy$.next(false);
    }
  }

  interrupt(): void {
    this.stopping.abort();
  }

  private decisionOf(request: TrainingRequest): Promise<TrainingDecision> {
    return new Promise((resolve, reject) => {
      let decision: TrainingDecision = { train: false, why: 'failed' };
      this.cacheToModel(request).subscribe({
        next: (signal) => {
          switch (signal.type) {
            case 'model':
              return this.models.next(signal);
            case 'started':
              decision = { train: true, reason: signal.reason };
              return;
            case 'ended':
              if (signal.outcome.type !== 'not-due') return;
              decision = { train: false, why: signal.outcome.why };
          }
        },
        error: reject,
        complete: () => resolve(decision),
      });
    });
  }
}
