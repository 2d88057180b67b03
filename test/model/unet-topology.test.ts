import { beforeAll, describe, expect, it } from 'vitest';
import { fromModelFiles, toModelFiles } from '../../src/model/serialise.js';
import { buildUNet } from '../../src/model/unet.js';
import { unetTopology } from '../../src/model/unet-topology.js';
import { useCpuBackend } from '../support/cpu-backend.js';

beforeAll(useCpuBackend);
const size = { height: 16, width: 32 };

/** How weights begin does not count: they are read from a file. */
const withoutBeginnings = (topology: object): unknown =>
  JSON.parse(
    JSON.stringify(topology, (key, value) => (key.endsWith('_initializer') ? null : value)),
  );

describe('the topology made without TensorFlow.js', () => {
  it.each([
    { blockNormalisation: 'none', presenceWeight: 0 },
    { blockNormalisation: 'batch', presenceWeight: 0.2 },
    { blockNormalisation: 'batch', presenceWeight: 0 },
    { blockNormalisation: 'none', presenceWeight: 1 },
  ] as const)('is that of the network: $blockNormalisation, presence $presenceWeight', async (kind) => {
    const built = buildUNet({ ...kind, size, filters: 2, initializer: 'heNormal', seed: 1 });
    if (!built.ok) throw new Error(built.failure.message);
    const { topology } = await toModelFiles(built.value);
    const made = unetTopology({ ...kind, size, filters: 2, enlarging: 'transposed-convolution' });
    expect(withoutBeginnings(made)).toEqual(withoutBeginnings(topology));
  });

  it('is read by TensorFlow.js where pixels are repeated', async () => {
    const kind = { blockNormalisation: 'none', presenceWeight: 0, size, filters: 1 } as const;
    const topology = unetTopology({ ...kind, enlarging: 'repeated-pixels' });
    const none = { topology, weightSpecs: [], weights: new Uint8Array(0) };
    // Without weights it is refused, but only after all of its layers were made.
    await expect(fromModelFiles(none)).rejects.toThrow(/weight/i);
  });
});
