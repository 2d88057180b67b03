import { join } from 'node:path';
import { type ModelCard, maskPriorFile } from '../model/card.js';
import type { MaskPrior } from '../operators/mask-prior.js';
import { type Read, readWhole } from './whole-folder.js';

/** What the card of a model tells of its prior; nothing where it has none. */
export function priorOnCard(prior: MaskPrior | null | undefined): Pick<ModelCard, 'maskPrior'> {
  if (!prior) return {};
  const { masks, mean, components } = prior;
  return {
    maskPrior: { file: maskPriorFile, masks, components: components.length / mean.length },
  };
}

/** float32, little-endian: the mean, then the components. */
export function maskPriorBytes({ mean, components }: MaskPrior): Uint8Array {
  const values = new Float32Array(mean.length + components.length);
  values.set(mean);
  values.set(components, mean.length);
  return new Uint8Array(values.buffer);
}

/** The prior that a card tells of, checksum verified; null where it tells of none. */
export async function readMaskPriorOf(
  folder: string,
  { maskPrior, size }: Pick<ModelCard, 'maskPrior' | 'size'>,
): Promise<Read<MaskPrior | null>> {
  if (maskPrior === undefined) return { status: 'found', value: null };
  const content = await readWhole(folder, [maskPrior.file]);
  if (content.status !== 'found') return content;
  const values = new Float32Array(Uint8Array.from(content.value[maskPrior.file]).buffer);
  const area = size.height * size.width;
  if (values.length !== (maskPrior.components + 1) * area) {
    const message = `${values.length} numbers are not a mean and ${maskPrior.components} components`;
    return { status: 'damaged', path: join(folder, maskPrior.file), message };
  }
  const { masks } = maskPrior;
  const mean = values.subarray(0, area);
  return { status: 'found', value: { masks, mean, components: values.subarray(area) } };
}
