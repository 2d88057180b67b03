import { randomFrom } from '../../src/operators/seeded-random.js';

/** Noise with a bright rectangle, and the rectangle as its mask. */
export function brightBoxes(
  count: number,
  { height, width }: { height: number; width: number },
  seed = 1,
): { count: number; images: Uint8Array; masks: Uint8Array } {
  const random = randomFrom(seed, 'boxes');
  const images = new Uint8Array(count * height * width);
  const masks = new Uint8Array(images.length);
  for (let image = 0; image < count; image++) {
    const top = Math.floor((random() * height) / 2);
    const left = Math.floor((random() * width) / 2);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const index = (image * height + row) * width + column;
        const inside =
          row >= top && row < top + height / 2 && column >= left && column < left + width / 2;
        masks[index] = inside ? 1 : 0;
        images[index] = Math.floor(random() * 80) + (inside ? 150 : 20);
      }
    }
  }
  return { count, images, masks };
}
