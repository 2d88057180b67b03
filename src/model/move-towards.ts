import { add, getBackend, mul, sub, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';

/** average += share * (value - average), for each pair; all float32, the two of a pair of one shape. */
export type MoveTowards = (
  pairs: readonly { readonly average: Variable; readonly value: Tensor }[],
  share: number,
) => void;

const ofBackend = new Map<string, MoveTowards>();

/** From now on a backend does this by itself, in place. */
export function registerMoveTowards(backendName: string, move: MoveTowards): void {
  ofBackend.set(backendName, move);
}

/** Moves averages a share, 0..1, of the way to their values. */
export const moveTowards: MoveTowards = (pairs, share) => {
  const move = ofBackend.get(getBackend()) ?? composedMove;
  move(pairs, share);
};

/** Of plain TensorFlow.js kernels. */
export const composedMove: MoveTowards = (pairs, share) => {
  for (const { average, value } of pairs) {
    tidy(() => average.assign(add(average, mul(sub(value, average), share))));
  }
};
