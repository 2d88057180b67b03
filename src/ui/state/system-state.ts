import type { SystemEvent } from '../../events.js';

export interface SystemState {
  readonly latest: SystemEvent | null;
  /** Tensors alive at the last looks, one a minute at most, oldest first. */
  readonly tensors: readonly number[];
  /** Looks since the newest of `tensors`. */
  readonly looks: number;
}

export const noSystem: SystemState = { latest: null, tensors: [], looks: 0 };

const looksBetween = 15;
const looksKept = 6;

export function foldSystem(state: SystemState, event: SystemEvent): SystemState {
  const tensors = event.compute?.tensors;
  // A process that starts anew starts with nothing.
  if (tensors === undefined) return { ...noSystem, latest: event };
  const isDue = state.tensors.length === 0 || state.looks + 1 >= looksBetween;
  return {
    latest: event,
    tensors: isDue ? [...state.tensors.slice(1 - looksKept), tensors] : state.tensors,
    looks: isDue ? 0 : state.looks + 1,
  };
}

/**
 * Whether tensors only ever become more: a training or a served model adds some once, a leak
 * goes on. By how many since the first of the looks; null when all is well.
 */
export function tensorLeak({ tensors }: SystemState): number | null {
  if (tensors.length < looksKept) return null;
  const rises = tensors.every((count, index) => index === 0 || count > (tensors[index - 1] ?? 0));
  return rises ? (tensors.at(-1) ?? 0) - (tensors[0] ?? 0) : null;
}

/** Below this the store may not be able to keep the next model. */
export const scarceDisk = 1e9;
