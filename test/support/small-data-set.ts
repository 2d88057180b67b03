import { writeSyntheticDataSet } from '../../src/synthetic/data-set.js';

/** A few small pairs of several subjects and a few test images. */
export async function smallDataSet(
  raw: string,
  { subjects = 3, perSubject = 4, test = 4 } = {},
): Promise<void> {
  const size = { height: 96, width: 128 };
  await writeSyntheticDataSet(raw, { subjects, perSubject, test, emptyShare: 0.2, size, seed: 5 });
}

/** A network and a backend that every machine has, small enough to train in seconds. */
export const smallAndQuick = [
  '--backend',
  'wasm',
  '--recipe',
  'fast',
  '--size',
  '32x48',
  '--batch-size',
  '8',
  '--settle',
  '50',
] as const;
