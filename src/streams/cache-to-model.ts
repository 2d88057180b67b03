import { Observable, Subscription } from 'rxjs';
import { isTransient } from './training/is-transient.js';
import { Trainer, type TrainerOptions } from './training/trainer.js';
import type { TrainingOutcome, TrainingSignal } from './training/training-signal.js';

export type { TrainingOutcome, TrainingSignal } from './training/training-signal.js';

export interface TrainingContext extends TrainerOptions {
  /** Aborted: the step in hand is finished and what is needed to go on is saved. */
  readonly stopping: AbortSignal;
}

export interface TrainingRequest {
  /** A person asked: policy and thresholds do not count. */
  readonly isRequested: boolean;
}

/** Trains when that is due, from the cache to the current model. Cold; one at a time. */
export type CacheToModel = (request: TrainingRequest) => Observable<TrainingSignal>;

/** What is remembered between trainings (data that failed, what cleaning found) lives as long as this. */
export function makeCacheToModel({ stopping, ...options }: TrainingContext): CacheToModel {
  const trainer = new Trainer(options);
  const interrupt = () => void trainer.interrupt();
  if (stopping.aborted) interrupt();
  else stopping.addEventListener('abort', interrupt, { once: true });
  return (request) =>
    new Observable((subscriber) => {
      let outcome: TrainingOutcome = { type: 'interrupted' };
      const told = new Subscription();
      told.add(
        trainer.events$.subscribe((event) => {
          if (event.type === 'train.failed') {
            const { code, message } = event;
            outcome = { type: 'failed', code, message, isTransient: isTransient(code) };
          }
          if (event.type === 'model.promoted' && outcome.type === 'trained') {
            outcome = { ...outcome, isPromoted: true };
          }
          subscriber.next({ type: 'event', event });
        }),
      );
      told.add(
        trainer.started$.subscribe((start) => subscriber.next({ type: 'started', ...start })),
      );
      told.add(trainer.models$.subscribe((model) => subscriber.next({ type: 'model', ...model })));
      told.add(
        trainer.trained$.subscribe((model) => {
          outcome = { type: 'trained', model, isPromoted: false };
        }),
      );
      void trainer.trainIfNeeded(request).then((decision) => {
        told.unsubscribe();
        if (!decision.train && outcome.type === 'interrupted' && !stopping.aborted) {
          outcome = { type: 'not-due', why: decision.why };
        }
        subscriber.next({ type: 'ended', outcome });
        subscriber.complete();
      });
    });
}
