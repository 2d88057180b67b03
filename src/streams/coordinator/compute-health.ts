import type { ComputeHealth } from '../../compute/compute.js';
import type { ComputeEvent } from '../../events.js';
import { inWords, type RetryWaits, waitOf } from './retry-waits.js';
import type { FlowState } from './state.js';
import { become, type Step, tell, warning } from './step.js';

/** Nothing is predicted while the compute process is away. */
export function computeIs(state: FlowState, health: ComputeHealth, waits: RetryWaits): Step {
  const told = tell(computeEvent(health));
  switch (health.state) {
    case 'starting':
    case 'memory':
      return become(state, told);
    case 'ready':
      return become({ ...state, compute: 'usable' }, told);
    case 'restarting':
      return become({ ...state, compute: 'away' }, told);
    case 'failed': {
      const away: FlowState = { ...state, compute: 'away' };
      if (state.mode === 'once') return become(away, told, { do: 'end', outcome: 'failed' });
      // Given up for now: who leaves the program running for weeks wants it to try again.
      const ms = waitOf(state.attempts.compute, waits);
      return become(
        { ...away, attempts: { ...state.attempts, compute: state.attempts.compute + 1 } },
        told,
        warning('COMPUTE_RETRY', `The compute process is started again in ${inWords(ms)}.`),
        { do: 'wait', for: 'compute', ms },
      );
    }
  }
}

/** How the compute process is, as everybody else is told. */
export function computeEvent(health: ComputeHealth): ComputeEvent {
  const event = { type: 'compute', backend: null, message: '' } as const;
  switch (health.state) {
    case 'starting':
      return { ...event, state: 'starting' };
    case 'ready': {
      const { backend, device } = health.info;
      return { ...event, state: 'ready', backend, message: device };
    }
    case 'memory': {
      const { tensors, tensorBytes } = health;
      return { ...event, state: 'ready', tensors, tensorBytes };
    }
    case 'restarting':
      return { ...event, state: 'restarting', message: health.message };
    case 'failed':
      return { ...event, state: 'failed', message: `${health.code}: ${health.message}` };
  }
}
