import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend } from '@tensorflow/tfjs-core';
import { type AdamStep, type AdamUpdate, composedUpdate } from '../../../model/adam.js';
import { type InPlaceUpdate, isAlone, updateInPlace } from './in-place.js';

const adam: InPlaceUpdate<'value' | 'firstMoment' | 'secondMoment', 'gradient'> = {
  written: ['value', 'firstMoment', 'secondMoment'],
  read: ['gradient'],
  constants: ['beta1', 'rest1', 'beta2', 'rest2', 'rate', 'epsilon'],
  code: (name) => `
    let g = ${name('gradient')}[i];
    let first = constants.beta1 * ${name('firstMoment')}[i] + constants.rest1 * g;
    let second = constants.beta2 * ${name('secondMoment')}[i] + constants.rest2 * g * g;
    ${name('firstMoment')}[i] = first;
    ${name('secondMoment')}[i] = second;
    ${name('value')}[i] -= constants.rate * first / (sqrt(second) + constants.epsilon);`,
};

/**
 * Adam in place: a variable's value, moments and gradient are read once and written once, and some
 * variables share a dispatch. A variable whose values something else shares (a clone) is moved by ops
 * that make new tensors, so that the other keeps what it had.
 */
export const adamUpdate: AdamUpdate = (variables, step) => {
  const webgpu = backend() as WebGPUBackend;
  const alone = variables.filter(({ value, firstMoment, secondMoment, gradient }) =>
    isAlone(webgpu, [value, firstMoment, secondMoment], [gradient]),
  );
  const shared = variables.filter((variable) => !alone.includes(variable));
  if (shared.length > 0) composedUpdate(shared, step);
  if (alone.length > 0) updateInPlace(webgpu, adam, alone, constantsOf(step));
};

/**
 * Differences are taken before rounding to float32. The two corrections go into rate and epsilon, as Kingma and Ba say at the end of their section 2.
 */
function constantsOf({
  learningRate,
  beta1,
  beta2,
  epsilon,
  correction1,
  correction2,
}: AdamStep): readonly number[] {
  const root = Math.sqrt(correction2);
  const rate = (learningRate * root) / correction1;
  return [beta1, 1 - beta1, beta2, 1 - beta2, rate, epsilon * root];
}
