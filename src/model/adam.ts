import {
  add,
  div,
  getBackend,
  mul,
  type NamedTensorMap,
  sqrt,
  square,
  sub,
  type Tensor,
  tensor,
  tidy,
  type Variable,
  variable,
  zerosLike,
} from '@tensorflow/tfjs-core';

/** Kingma and Ba's defaults, with TensorFlow.js' epsilon for float32. */
export const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** One variable with all that a step of Adam reads and writes; all float32 of one shape. */
export interface AdamVariable {
  readonly value: Variable;
  readonly gradient: Tensor;
  readonly firstMoment: Variable;
  readonly secondMoment: Variable;
}

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²;
 * value -= learningRate (m / correction1) / (sqrt(v / correction2) + epsilon)
 */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 - beta1^t and 1 - beta2^t, t counted from 1. */
  readonly correction1: number;
  readonly correction2: number;
}

/** Moves value, firstMoment and secondMoment of every variable; leaves the gradients. */
export type AdamUpdate = (variables: readonly AdamVariable[], step: AdamStep) => void;

const updates = new Map<string, AdamUpdate>();

/** From now on a backend does Adam by itself, e.g. in one native call instead of ten kernels a variable. */
export function registerAdamUpdate(backendName: string, update: AdamUpdate): void {
  updates.set(backendName, update);
}

/** All that a later process needs to go on as if nothing had happened. */
export interface AdamState {
  readonly steps: number;
  /** m of every variable, then v of every variable, in the variables' order. */
  readonly moments: Float32Array;
}

/**
 * The same numbers as `tf.train.adam` (to rounding), but with a learning rate per step, with a
 * state that is saved and restored exactly (tf's loses its beta powers), and open to native code
 * (`registerAdamUpdate`).
 */
export class Adam {
  private stepsDone = 0;
  /** Products of the betas so far, rounded to float32 at each step as tf.train.adam does. */
  private power1 = 1;
  private power2 = 1;
  private readonly moments: readonly { readonly m: Variable; readonly v: Variable }[];

  constructor(
    readonly variables: readonly Variable[],
    readonly settings: {
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    } = adamDefaults,
  ) {
    const zeros = (like: Variable) => tidy(() => variable(zerosLike(like), false));
    this.moments = variables.map((each) => ({ m: zeros(each), v: zeros(each) }));
  }

  get steps(): number {
    return this.stepsDone;
  }

  /** One update of every variable. `gradients` by variable name, as `variableGrads` gives them; they stay the caller's. */
  apply(gradients: NamedTensorMap, learningRate: number): void {
    this.countStep();
    const update = updates.get(getBackend()) ?? composedUpdate;
    update(
      this.variables.map((value, index) => {
        const gradient = gradients[value.name];
        if (!gradient) throw new Error(`no gradient for ${value.name}`);
        const { m, v } = this.moments[index]!;
        return { value, gradient, firstMoment: m, secondMoment: v };
      }),
      {
        learningRate,
        ...this.settings,
        correction1: 1 - this.power1,
        correction2: 1 - this.power2,
      },
    );
  }

  async save(): Promise<AdamState> {
    const tensors = [...this.moments.map(({ m }) => m), ...this.moments.map(({ v }) => v)];
    const moments = new Float32Array(tensors.reduce((total, { size }) => total + size, 0));
    let offset = 0;
    for (const tensor of tensors) {
      moments.set(await tensor.data<'float32'>(), offset);
      offset += tensor.size;
    }
    return { steps: this.stepsDone, moments };
  }

  /** Throws a `RangeError` when the state is not of these variables. */
  restore(state: AdamState): void {
    const size = this.variables.reduce((total, each) => total + each.size, 0);
    if (state.moments.length !== 2 * size) {
      throw new RangeError(`${state.moments.length} moments for ${size} parameters`);
    }
    let offset = 0;
    for (const which of ['m', 'v'] as const) {
      for (const moments of this.moments) {
        const moment = moments[which];
        // slice, not subarray: backends may keep the array they are given.
        const values = state.moments.slice(offset, offset + moment.size);
        tidy(() => moment.assign(tensor(values, moment.shape)));
        offset += moment.size;
      }
    }
    this.stepsDone = 0;
    this.power1 = 1;
    this.power2 = 1;
    while (this.stepsDone < state.steps) this.countStep();
  }

  dispose(): void {
    for (const { m, v } of this.moments) {
      m.dispose();
      v.dispose();
    }
  }

  private countStep(): void {
    this.stepsDone++;
    this.power1 = Math.fround(this.power1 * Math.fround(this.settings.beta1));
    this.power2 = Math.fround(this.power2 * Math.fround(this.settings.beta2));
  }
}

/** tf.train.adam's formula with both corrections pulled into two numbers: fewer passes over the weights. */
export function composedUpdate(
  variables: readonly AdamVariable[],
  { learningRate, beta1, beta2, epsilon, correction1, correction2 }: AdamStep,
): void {
  const root = Math.sqrt(correction2);
  const rate = (learningRate * root) / correction1;
  for (const { value, gradient, firstMoment, secondMoment } of variables) {
    tidy(() => {
      const m = add(mul(firstMoment, beta1), mul(gradient, 1 - beta1));
      const v = add(mul(secondMoment, beta2), mul(square(gradient), 1 - beta2));
      value.assign(sub(value, mul(div(m, add(sqrt(v), epsilon * root)), rate)));
      firstMoment.assign(m);
      secondMoment.assign(v);
    });
  }
}
