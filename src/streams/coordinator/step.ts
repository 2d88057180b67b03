import type { PipelineEvent } from '../../events.js';
import type { Command, FlowState } from './state.js';

/** What follows from an event. */
export interface Step {
  readonly state: FlowState;
  readonly commands: readonly Command[];
}

export function become(state: FlowState, ...commands: Command[]): Step {
  return { state, commands };
}

export function withMore({ state, commands }: Step, ...more: Command[]): Step {
  return { state, commands: [...commands, ...more] };
}

export function tell(event: PipelineEvent): Command {
  return { do: 'tell', event };
}

export function warning(code: string, message: string): Command {
  return tell({ type: 'notice', level: 'warning', code, message });
}
