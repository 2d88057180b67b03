import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFrames } from '../../src/formats/open-frames.js';
import { type MaskSettings, maskOfFrame, usualMasks } from '../../src/labels/mask-of-frame.js';
import { sharedData } from '../support/shared-data.js';

const odd = sharedData('odd');

async function read(name: string, settings: Partial<MaskSettings> = {}) {
  const bytes = readFileSync(resolve(odd, name));
  const opened = await openFrames(bytes, 1e6);
  if (!opened.ok) throw new Error(`${name}: ${opened.failure.message}`);
  const frame = await opened.value.frame(0);
  if (!frame.ok) throw new Error(`${name}: ${frame.failure.message}`);
  const { isLossy = false, isInverted } = opened.value;
  const context = { isLossy, isInverted };
  const result = maskOfFrame(frame.value, context, { ...usualMasks, ...settings });
  if (!result.ok) throw new Error(`${name}: ${result.failure.message}`);
  const { mask, notes } = result.value;
  const percent = (100 * mask.data.reduce((sum, value) => sum + value, 0)) / mask.data.length;
  return { percent: Math.round(percent * 10) / 10, codes: notes.map(({ code }) => code) };
}

describe.skipIf(!existsSync(odd))('masks as people have them: the ellipse, or a doubt', () => {
  test('in the alpha channel of black', async () => {
    expect(await read('mask_alpha_only.png')).toEqual({ percent: 15.2, codes: [] });
  });

  test.each([
    'mask_f32_1.tif',
    'mask_f64.tif',
    'mask_i32.tif',
  ])('as NumPy writes it: %s', async (name) => {
    expect(await read(name)).toEqual({ percent: 15.2, codes: [] });
  });

  test('0 and 1 as JPEG', async () => {
    expect(await read('mask_01.jpg')).toEqual({ percent: 0, codes: ['MASK_TOO_FAINT'] });
  });

  test('one bit, white is zero', async () => {
    const surroundings = await read('mask_bool.tif');
    expect(surroundings).toEqual({
      percent: 84.8,
      codes: ['MASK_POLARITY_UNSURE', 'MASK_COVERS_MOST', 'MASK_ON_BORDER'],
    });
    const settled = await read('mask_bool.tif', { polarity: 'black' });
    expect(settled).toEqual({ percent: 15.2, codes: [] });
  });
});
