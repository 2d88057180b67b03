import type { LayerSettings, Network } from '../model/network-layers.js';

/** How Keras names layers that nobody has named; `1` for the first of a kind, and so on. */
const stems: Readonly<Record<LayerSettings['class_name'], string>> = {
  InputLayer: 'input',
  Conv2D: 'conv2d',
  Conv2DTranspose: 'conv2d_transpose',
  BatchNormalization: 'batch_normalization',
  MaxPooling2D: 'max_pooling2d',
  UpSampling2D: 'up_sampling2d',
  GlobalAveragePooling2D: 'global_average_pooling2d',
  Concatenate: 'concatenate',
  Activation: 'activation',
};

/** Keras' own names of a network's layers, by ours: those of a model that its code makes in this order. */
export function kerasNames({ layers }: Network): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  return new Map(
    layers.map(({ name, settings }) => {
      const stem = stems[settings.class_name];
      const count = (counts.get(stem) ?? 0) + 1;
      counts.set(stem, count);
      return [name, `${stem}_${count}`];
    }),
  );
}
