// Real images, half of them without a nerve: of each image with a mask two windows of the same size, one that holds
// the nerve (all of its mask), one that misses it. Where the window lies in the image is chance, and the same for
// both as far as the mask allows, so that depth alone does not tell them apart.
//
//   node bench/ablations/windows.mjs --raw ../shared/data/usgra/raw --to /tmp/windows [--share 0.5] [--seed 1]
//
// Images whose mask leaves no room for either window are left out; prints how many.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { randomFrom } from '../../dist/operators/seeded-random.js';

const { values: asked } = parseArgs({
  options: {
    raw: { type: 'string' },
    to: { type: 'string' },
    share: { type: 'string', default: '0.5' },
    seed: { type: 'string', default: '1' },
  },
});
const from = join(asked.raw, 'train');
const to = join(asked.to, 'train');
mkdirSync(to, { recursive: true });
let windows = 0;
let left = 0;
for (const name of readdirSync(from).filter((file) => /^\d+_\d+\.tif$/.test(file))) {
  const id = name.replace('.tif', '');
  const mask = await grey(join(from, `${id}_mask.tif`));
  const image = await grey(join(from, name));
  const height = Math.round(mask.height * Number(asked.share));
  const width = Math.round(mask.width * Number(asked.share));
  const random = randomFrom(Number(asked.seed), 'window', id);
  const all = [];
  for (let top = 0; top + height <= mask.height; top += 4)
    for (let left = 0; left + width <= mask.width; left += 4) all.push({ top, left });
  const total = covered(mask, { top: 0, left: 0 }, mask);
  const holding = all.filter((at) => covered(mask, at, { height, width }) === total);
  const missing = all.filter((at) => covered(mask, at, { height, width }) === 0);
  if (holding.length === 0 || missing.length === 0) {
    left++;
    continue;
  }
  const one = holding[Math.floor(random() * holding.length)];
  const nearest = Math.min(...missing.map(({ top }) => Math.abs(top - one.top)));
  const level = missing.filter(({ top }) => Math.abs(top - one.top) <= nearest + 8);
  const other = level[Math.floor(random() * level.length)];
  const [subject, number] = id.split('_').map(Number);
  for (const [nth, at] of [one, other].entries()) {
    const window = { ...at, height, width };
    const made = `${subject}_${2 * number - 1 + nth}`;
    await write(image, window, join(to, `${made}.tif`));
    await write(mask, window, join(to, `${made}_mask.tif`));
    windows++;
  }
}
console.log(`${windows} windows; ${left} images leave no room for them`);

async function grey(file) {
  const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { data, height: info.height, width: info.width };
}

function covered({ data, width: across }, { top, left }, { height, width }) {
  let sum = 0;
  for (let row = top; row < top + height; row++)
    for (let column = left; column < left + width; column++)
      if (data[row * across + column] > 127) sum++;
  return sum;
}

async function write({ data, height, width }, window, file) {
  await sharp(data, { raw: { height, width, channels: 1 } })
    .extract(window)
    .tiff({ compression: 'lzw', xres: 1, yres: 1 })
    .toFile(file);
}
