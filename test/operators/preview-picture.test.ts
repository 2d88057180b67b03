import { expect, it } from 'vitest';
import { encodePicture } from '../../src/operators/preview-picture.js';

const bytes = (base64: string): number[] => [...Buffer.from(base64, 'base64')];

it('a picture is its bytes, its masks are bits', () => {
  const image = Uint8Array.from({ length: 12 }, (_, index) => index * 20);
  const mask = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 255, 0, 1, 0, 0]);
  const picture = encodePicture({ height: 3, width: 4 }, image, mask, new Uint8Array(12));
  expect(picture).toMatchObject({ height: 3, width: 4 });
  expect(bytes(picture.image)).toEqual([...image]);
  expect(bytes(picture.mask)).toEqual([0b10000001, 0b01000000]);
  expect(bytes(picture.truth!)).toEqual([0, 0]);
});

it('a large one is thinned out', () => {
  const size = { height: 420, width: 580 };
  const image = Uint8Array.from({ length: 420 * 580 }, (_, index) => (index % 580) % 256);
  const { height, width, image: thin } = encodePicture(size, image, image);
  expect([height, width]).toEqual([105, 145]);
  expect(bytes(thin).slice(0, 3)).toEqual([0, 4, 8]);
  expect(bytes(thin).length).toBe(105 * 145);
});
