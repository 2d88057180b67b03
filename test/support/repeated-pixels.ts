import { expectedWeights } from '../../src/keras/expected-weights.js';
import { networkOf } from '../../src/model/network-layers.js';
import type { ModelFiles } from '../../src/model/serialise.js';
import { type UNetShape, unetTopology } from '../../src/model/unet-topology.js';
import { randomFrom } from '../../src/operators/seeded-random.js';

/** A network as the tutorial had it until May 2017, its weights drawn. */
export function repeatedPixelsFiles(size: UNetShape['size'], filters: number): ModelFiles {
  const topology = unetTopology({
    ...{ size, filters, blockNormalisation: 'none', presenceWeight: 0 },
    enlarging: 'repeated-pixels',
  });
  const network = networkOf({ topology, weightSpecs: [], weights: new Uint8Array(0) });
  if (!network.ok) throw new Error(network.failure.message);
  const weightSpecs = expectedWeights(network.value).flatMap(({ name, weights }) =>
    weights.map((weight) => ({
      name: `${name}/${weight.name}`,
      shape: [...weight.shape],
      dtype: 'float32' as const,
    })),
  );
  const random = randomFrom(2, 'repeated-pixels');
  const values = weightSpecs.flatMap(({ shape }) => {
    const fan = shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
    const length = fan * shape.at(-1)!;
    const spread = Math.sqrt(6 / fan);
    return Array.from({ length }, () => (random() * 2 - 1) * (shape.length === 1 ? 0.1 : spread));
  });
  return { topology, weightSpecs, weights: new Uint8Array(Float32Array.from(values).buffer) };
}
