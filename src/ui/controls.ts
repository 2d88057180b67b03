/**
 * What a person can ask of a running program, by key or from elsewhere. Each may be called again
 * and again; none waits.
 */
export interface Controls {
  /** Stop cleanly; called once more (a second ctrl-c or q) while that takes its time. */
  quit(): void;
  pause(isPaused: boolean): void;
  train(): void;
  predictAgain(): void;
  retryFailed(): void;
}

/** The same as data, but for the end, which nobody may ask for from elsewhere. */
export type ControlRequest =
  | { readonly type: 'pause'; readonly paused: boolean }
  | { readonly type: 'train' }
  | { readonly type: 'predict-again' }
  | { readonly type: 'retry-failed' };

export function carryOut(request: ControlRequest, controls: Omit<Controls, 'quit'>): void {
  switch (request.type) {
    case 'pause':
      controls.pause(request.paused);
      break;
    case 'train':
      controls.train();
      break;
    case 'predict-again':
      controls.predictAgain();
      break;
    case 'retry-failed':
      controls.retryFailed();
      break;
  }
}

/** Controls of a program that is asked by messages. */
export function controlsThat(
  ask: (request: ControlRequest) => void,
  quit: Controls['quit'],
): Controls {
  return {
    quit,
    pause: (paused) => ask({ type: 'pause', paused }),
    train: () => ask({ type: 'train' }),
    predictAgain: () => ask({ type: 'predict-again' }),
    retryFailed: () => ask({ type: 'retry-failed' }),
  };
}
