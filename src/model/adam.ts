import {
  add,
  div,
  engine,
  getBackend,
  getKernel,
  keep,
  mul,
  type NamedTensorMap,
  sqrt,
  square,
  sub,
  type Tensor,
  tidy,
  type Variable,
  zerosLike,
} from '@tensorflow/tfjs-core';

/** Kingma and Ba's defaults, with TensorFlow.js' epsilon for float32. */
export const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/**
 * A backend may register a kernel of this name and is then asked instead of the dozen kernels
 * below. Inputs `{ value, m, v, gradient }`, all float32 of one shape; attributes `AdamAttributes`;
 * output `[value, m, v]`, new tensors (inputs are not to be written to: others may share them).
 */
export const fusedAdamKernel = 'FusedAdam';

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²;
 * value -= learningRate (m / correction1) / (sqrt(v / correction2) + epsilon)
 */
export interface AdamAttributes {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 - beta1^t and 1 - beta2^t, t counted from 1. */
  readonly correction1: number;
  readonly correction2: number;
}

/** All that a later process needs to go on as if nothing had happened. */
export interface AdamState {
  readonly steps: number;
  /** m of every variable, then v of every variable, in the variables' order. */
  readonly moments: Float32Array;
}

/**
 * The same numbers as `tf.train.adam` (to rounding), but with a learning rate per step, with a
 * state that is saved and restored exactly (tf's loses its beta powers), and open to a native kernel.
 */
export class Adam {
  #steps = 0;
  /** Products of the betas so far, rounded to float32 at each step as tf.train.adam does. */
  #power1 = 1;
  #power2 = 1;
  readonly #moments: { m: Tensor; v: Tensor }[];

  constructor(
    readonly variables: readonly Variable[],
    readonly settings: {
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    } = adamDefaults,
  ) {
    this.#moments = variables.map((variable) => ({
      m: keep(zerosLike(variable)),
      v: keep(zerosLike(variable)),
    }));
  }

  get steps(): number {
    return this.#steps;
  }

  /** One update of every variable. `gradients` by variable name, as `variableGrads` gives them; they stay the caller's. */
  apply(gradients: NamedTensorMap, learningRate: number): void {
    this.#countStep();
    const attributes: AdamAttributes = {
      learningRate,
      ...this.settings,
      correction1: Math.fround(1 - this.#power1),
      correction2: Math.fround(1 - this.#power2),
    };
    const update = getKernel(fusedAdamKernel, getBackend()) ? fusedUpdate : composedUpdate;
    for (const [index, variable] of this.variables.entries()) {
      const gradient = gradients[variable.name];
      if (!gradient) throw new Error(`no gradient for ${variable.name}`);
      const moments = this.#moments[index]!;
      const [value, m, v] = tidy(() =>
        update(variable, moments.m, moments.v, gradient, attributes),
      );
      variable.assign(value);
      value.dispose();
      moments.m.dispose();
      moments.v.dispose();
      moments.m = keep(m);
      moments.v = keep(v);
    }
  }

  async save(): Promise<AdamState> {
    const tensors = [...this.#moments.map(({ m }) => m), ...this.#moments.map(({ v }) => v)];
    const moments = new Float32Array(tensors.reduce((total, { size }) => total + size, 0));
    let offset = 0;
    for (const tensor of tensors) {
      moments.set(await tensor.data<'float32'>(), offset);
      offset += tensor.size;
    }
    return { steps: this.#steps, moments };
  }

  /** Throws a `RangeError` when the state is not of these variables. */
  restore(state: AdamState): void {
    const size = this.variables.reduce((total, variable) => total + variable.size, 0);
    if (state.moments.length !== 2 * size) {
      throw new RangeError(`${state.moments.length} moments for ${size} parameters`);
    }
    let offset = 0;
    const next = (variable: Variable): Tensor => {
      // slice, not subarray: backends may keep the array they are given.
      const values = state.moments.slice(offset, offset + variable.size);
      offset += variable.size;
      return keep(engine().makeTensor(values, variable.shape, 'float32'));
    };
    const restored = (['m', 'v'] as const).map((which) => ({
      which,
      tensors: this.variables.map(next),
    }));
    for (const { which, tensors } of restored) {
      for (const [index, tensor] of tensors.entries()) {
        const moments = this.#moments[index]!;
        moments[which].dispose();
        moments[which] = tensor;
      }
    }
    this.#steps = 0;
    this.#power1 = 1;
    this.#power2 = 1;
    while (this.#steps < state.steps) this.#countStep();
  }

  dispose(): void {
    for (const { m, v } of this.#moments) {
      m.dispose();
      v.dispose();
    }
  }

  #countStep(): void {
    this.#steps++;
    this.#power1 = Math.fround(this.#power1 * Math.fround(this.settings.beta1));
    this.#power2 = Math.fround(this.#power2 * Math.fround(this.settings.beta2));
  }
}

type Update = [value: Tensor, m: Tensor, v: Tensor];

function fusedUpdate(
  value: Tensor,
  m: Tensor,
  v: Tensor,
  gradient: Tensor,
  attributes: AdamAttributes,
): Update {
  return engine().runKernel(
    fusedAdamKernel,
    { value, m, v, gradient },
    { ...attributes },
  ) as Update;
}

/** tf.train.adam's formula with both corrections pulled into two numbers: fewer passes over the weights. */
function composedUpdate(
  value: Tensor,
  m: Tensor,
  v: Tensor,
  gradient: Tensor,
  { learningRate, beta1, beta2, epsilon, correction1, correction2 }: AdamAttributes,
): Update {
  const newM = add(mul(m, beta1), mul(gradient, 1 - beta1));
  const newV = add(mul(v, beta2), mul(square(gradient), 1 - beta2));
  const root = Math.sqrt(correction2);
  const step = mul(div(newM, add(sqrt(newV), epsilon * root)), (learningRate * root) / correction1);
  return [sub(value, step), newM, newV];
}
