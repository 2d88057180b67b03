import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend } from '@tensorflow/tfjs-core';
import { composedMove, type MoveTowards } from '../../../model/move-towards.js';
import { type InPlaceUpdate, isAlone, updateInPlace } from './in-place.js';

const move: InPlaceUpdate<'average', 'value'> = {
  written: ['average'],
  read: ['value'],
  constants: ['share'],
  code: (name) =>
    `${name('average')}[i] += constants.share * (${name('value')}[i] - ${name('average')}[i]);`,
};

/** In place, some pairs a dispatch; an average that something else shares is moved by ops that make a new tensor. */
export const moveTowards: MoveTowards = (pairs, share) => {
  const webgpu = backend() as WebGPUBackend;
  const alone = pairs.filter(({ average, value }) => isAlone(webgpu, [average], [value]));
  const shared = pairs.filter((pair) => !alone.includes(pair));
  if (shared.length > 0) composedMove(shared, share);
  if (alone.length > 0) updateInPlace(webgpu, move, alone, [share]);
};
