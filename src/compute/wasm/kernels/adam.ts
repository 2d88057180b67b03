import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend, type Tensor } from '@tensorflow/tfjs-core';
import { type AdamUpdate, type AdamVariable, composedUpdate } from '../../../model/adam.js';
import { adamSignature } from '../assembly/adam.js';
import { type Runtime, runtimeOf } from '../runtime.js';

/**
 * Adam in one call a variable, in place. A variable whose values something else shares (a clone)
 * is moved by ops that make new tensors, so that the other keeps what it had.
 */
export const adamUpdate: AdamUpdate = (variables, step) => {
  const wasm = backend() as BackendWasm;
  const runtime = runtimeOf(wasm);
  const root = Math.sqrt(step.correction2);
  const constants = {
    beta1F32: step.beta1,
    rest1F32: 1 - step.beta1,
    beta2F32: step.beta2,
    rest2F32: 1 - step.beta2,
    rateF32: (step.learningRate * root) / step.correction1,
    epsilonF32: step.epsilon * root,
  };
  for (const variable of variables) {
    if (isAlone(wasm, variable)) moveInPlace(runtime, variable, constants);
    else composedUpdate([variable], step);
  }
};

type Constants = Record<Extract<(typeof adamSignature.parameters)[number], `${string}F32`>, number>;

function moveInPlace(runtime: Runtime, variable: AdamVariable, constants: Constants): void {
  const { value, gradient, firstMoment, secondMoment } = variable;
  runtime.run(
    adamSignature,
    {
      value: runtime.address(value),
      gradient: runtime.address(gradient),
      m: runtime.address(firstMoment),
      v: runtime.address(secondMoment),
      count: value.size,
      ...constants,
    },
    value.size * 4,
  );
}

/** All are of this backend, and nobody else holds what is about to change. */
function isAlone(wasm: BackendWasm, variable: AdamVariable): boolean {
  const { value, gradient, firstMoment, secondMoment } = variable;
  const changed: Tensor[] = [value, firstMoment, secondMoment];
  return wasm.refCount(gradient.dataId) > 0 && changed.every((t) => wasm.refCount(t.dataId) === 1);
}
