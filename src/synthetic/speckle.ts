import type { GridSize } from '../operators/image.js';

/**
 * Fully developed speckle: the magnitude of many small echoes that add up with random phases
 * (Rayleigh distributed), correlated over the size of the sound pulse, wider than it is high.
 * Mean 1, row-major.
 */
export function speckle({ height, width }: GridSize, random: () => number): Float32Array {
  // Grains are several pixels wide, so every other column is enough to be drawn by chance.
  const half = { height, width: (width >> 1) + 1 };
  const inPhase = echoes(half, random);
  const quadrature = echoes(half, random);
  let sum = 0;
  for (let index = 0; index < inPhase.length; index++) {
    const magnitude = Math.sqrt(inPhase[index]! ** 2 + quadrature[index]! ** 2);
    inPhase[index] = magnitude;
    sum += magnitude;
  }
  const scale = inPhase.length / sum;
  const grain = new Float32Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const left = row * half.width + (column >> 1);
      const right = left + (column & 1);
      grain[row * width + column] = 0.5 * scale * (inPhase[left]! + inPhase[right]!);
    }
  }
  return grain;
}

/** White noise, smoothed over about 7 x 2 pixels of a 420 x 580 image, in proportion at other sizes. */
function echoes({ height, width }: GridSize, random: () => number): Float32Array {
  const noise = new Float32Array(height * width);
  for (let index = 0; index < noise.length; index++) noise[index] = random() - 0.5;
  const lateral = Math.max(1, Math.round(width / 115));
  for (let row = 0; row < height; row++) smoothRow(noise, row * width, width, lateral);
  if (height < 300) return noise;
  for (let above = 0; above + width < noise.length; above++) {
    noise[above] = noise[above]! + noise[above + width]!;
  }
  return noise;
}

/** Running sum over `span` pixels to the right, in place; shorter at the end of the row. */
function smoothRow(noise: Float32Array, start: number, width: number, span: number): void {
  const end = start + width;
  let sum = 0;
  for (let index = start; index < Math.min(start + span, end); index++) sum += noise[index]!;
  for (let index = start; index < end; index++) {
    const leaving = noise[index]!;
    noise[index] = sum;
    sum -= leaving;
    if (index + span < end) sum += noise[index + span]!;
  }
}
