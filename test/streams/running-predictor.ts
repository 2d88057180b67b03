import { BehaviorSubject, Subject } from 'rxjs';
import type { Compute } from '../../src/compute/compute.js';
import type { PipelineEvent } from '../../src/events.js';
import type { Settings } from '../../src/settings/options.js';
import type { OpenStore } from '../../src/store/open-store.js';
import type { PredictionPause } from '../../src/streams/coordinator/state.js';
import { modelToSubmission } from '../../src/streams/model-to-submission.js';
import type { Predictor } from '../../src/streams/prediction/predictor.js';

/** The third page alone, with its events and its pauses at hand. */
export type RunningPredictor = Predictor & {
  readonly events$: Subject<PipelineEvent>;
  hold(pause: PredictionPause, isHeld: boolean): void;
};

export function startPredictor(
  settings: Pick<Settings, 'size' | 'batchSize'>,
  { catalog, paths }: OpenStore,
  compute: Compute,
): RunningPredictor {
  const events$ = new Subject<PipelineEvent>();
  const pauses$ = new BehaviorSubject<readonly PredictionPause[]>([]);
  const emit = (event: PipelineEvent) => events$.next(event);
  const predictor = modelToSubmission({ settings, catalog, paths, compute, pauses$, emit });
  const hold = (pause: PredictionPause, isHeld: boolean) => {
    const others = pauses$.value.filter((other) => other !== pause);
    pauses$.next(isHeld ? [...others, pause] : others);
  };
  return Object.assign(predictor, { events$, hold });
}
