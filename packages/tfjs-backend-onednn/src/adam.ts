import {
  AdamOptimizer,
  engine,
  getBackend,
  mul,
  type NamedTensorMap,
  type Tensor,
  tidy,
  type Variable,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { addon } from './addon.js';
import { backendName } from './backend.js';
import { currentBackend } from './register.js';
import { writableValues } from './writable.js';

export interface AdamStepOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** beta1 and beta2 to the power of this step's number, the first being 1. */
  beta1Power: number;
  beta2Power: number;
}

/** What one variable needs for a step of Adam. */
export interface AdamVariable {
  value: Variable;
  gradient: Tensor;
  firstMoment: Variable;
  secondMoment: Variable;
}

/**
 * One step of Adam over all variables in one native call, with the numbers of
 * tf.train.adam. Only where the onednn backend is in use.
 */
export function adamStep(variables: readonly AdamVariable[], options: AdamStepOptions): void {
  const backend = currentBackend();
  if (!backend || getBackend() !== backendName)
    throw new Error('tfjs-backend-onednn: adamStep needs the onednn backend');
  for (const { value, gradient, firstMoment, secondMoment } of variables) {
    for (const t of [gradient, firstMoment, secondMoment]) {
      if (t.isDisposed || value.isDisposed) throw new Error(`${value.name} has been disposed`);
      if (t.size !== value.size || t.dtype !== 'float32' || value.dtype !== 'float32')
        throw new Error(
          `${value.name}: the gradient and moments have to be float32 of shape [${value.shape}]`,
        );
    }
  }
  const writable = (variable: Variable) => writableValues(backend, variable);
  const gradients = variables.map((v) => backend.entry(v.gradient).floats());
  addon().adam(
    variables.map((v) => writable(v.value)),
    gradients,
    variables.map((v) => writable(v.firstMoment)),
    variables.map((v) => writable(v.secondMoment)),
    options.learningRate,
    options.beta1,
    options.beta2,
    options.epsilon,
    1 - options.beta1Power,
    1 - options.beta2Power,
  );
}

type Gradients = Parameters<AdamOptimizer['applyGradients']>[0];

interface Moment {
  originalName: string;
  variable: Variable;
}

/** What AdamOptimizer keeps as private fields, which its state saving reads. */
interface AdamState {
  accBeta1: Variable;
  accBeta2: Variable;
  accumulatedFirstMoment: Moment[];
  accumulatedSecondMoment: Moment[];
}

/**
 * tf.train.adam with one native call a step: same numbers, same saved state. On other backends it
 * is tf.train.adam.
 */
export class OnednnAdam extends AdamOptimizer {
  static override get className(): string {
    return 'Adam';
  }

  constructor(learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon: number | null = null) {
    super(learningRate, beta1, beta2, epsilon as unknown as number);
  }

  override applyGradients(variableGradients: Gradients): void {
    if (getBackend() !== backendName) {
      super.applyGradients(variableGradients);
      return;
    }
    const named = Array.isArray(variableGradients)
      ? variableGradients
      : Object.entries(variableGradients as NamedTensorMap).map(([name, t]) => ({
          name,
          tensor: t,
        }));
    const state = this as unknown as AdamState;
    const steps: AdamVariable[] = [];
    named.forEach(({ name, tensor: gradient }, i) => {
      const value = engine().registeredVariables[name];
      if (!value) throw new Error(`tfjs-backend-onednn: no variable ${name}`);
      state.accumulatedFirstMoment[i] ??= moment(`${name}/m`, value);
      state.accumulatedSecondMoment[i] ??= moment(`${name}/v`, value);
      if (gradient == null) return;
      const firstMoment = state.accumulatedFirstMoment[i]!.variable;
      const secondMoment = state.accumulatedSecondMoment[i]!.variable;
      steps.push({ value, gradient, firstMoment, secondMoment });
    });
    const { learningRate, beta1, beta2 } = this;
    const epsilon = this.epsilon ?? engine().backend.epsilon();
    const beta1Power = state.accBeta1.dataSync()[0]!;
    const beta2Power = state.accBeta2.dataSync()[0]!;
    adamStep(steps, { learningRate, beta1, beta2, epsilon, beta1Power, beta2Power });
    tidy(() => {
      state.accBeta1.assign(mul(state.accBeta1, beta1));
      state.accBeta2.assign(mul(state.accBeta2, beta2));
    });
    this.incrementIterations();
  }
}

function moment(originalName: string, value: Variable): Moment {
  return { originalName, variable: tidy(() => zerosLike(value).variable(false)) };
}
