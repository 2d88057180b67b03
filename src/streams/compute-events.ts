import type { ComputeHealth } from '../compute/compute.js';
import type { ComputeEvent } from '../events.js';

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
