import type { Controls } from '../../ui/controls.js';

/** What the keys ask for, asked from outside: SIGUSR1 predicts again, SIGUSR2 trains now. */
export function onRequestSignals({
  predictAgain,
  train,
}: Pick<Controls, 'predictAgain' | 'train'>): Disposable {
  // Windows has none.
  if (process.platform === 'win32') return { [Symbol.dispose]() {} };
  process.on('SIGUSR1', predictAgain);
  process.on('SIGUSR2', train);
  return {
    [Symbol.dispose]() {
      process.off('SIGUSR1', predictAgain);
      process.off('SIGUSR2', train);
    },
  };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `stop` on each ctrl-c or request to terminate. */
export function onStopSignals(stop: () => void): Disposable {
  for (const signal of signals) process.on(signal, stop);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
