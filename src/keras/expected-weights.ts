import type { LayerSettings, Network } from '../model/network-layers.js';

/** A layer that has weights, and their shapes as TensorFlow.js has them, in Keras' order. */
export interface ExpectedLayer {
  readonly name: string;
  readonly kind: 'Conv2D' | 'Conv2DTranspose' | 'BatchNormalization';
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** What a network's weights are to be, worked out from its layers alone, for images of one channel. */
export function expectedWeights({ layers }: Network): ExpectedLayer[] {
  const channels = new Map<string, number>();
  const expected: ExpectedLayer[] = [];
  for (const { name, settings, inputs } of layers) {
    const given = inputs.map((input) => channels.get(input)!);
    const into = given.reduce((sum, count) => sum + count, 0);
    channels.set(name, channelsOf(settings, into));
    const kind = settings.class_name;
    if (kind === 'Conv2D' || kind === 'Conv2DTranspose') {
      const { filters, kernel_size } = settings.config;
      const ends = kind === 'Conv2D' ? [into, filters] : [filters, into];
      const kernel = { name: 'kernel', shape: [...kernel_size, ...ends] };
      expected.push({ name, kind, weights: [kernel, { name: 'bias', shape: [filters] }] });
    } else if (kind === 'BatchNormalization') {
      const names = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
      expected.push({ name, kind, weights: names.map((each) => ({ name: each, shape: [into] })) });
    }
  }
  return expected;
}

function channelsOf(settings: LayerSettings, into: number): number {
  switch (settings.class_name) {
    case 'InputLayer':
      return 1;
    case 'Conv2D':
    case 'Conv2DTranspose':
      return settings.config.filters;
    default:
      return into;
  }
}
