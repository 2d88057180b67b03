import type { GridSize } from '../operators/image.js';

/**
 * Fully developed speckle: the magnitude of many small echoes that add up with random phases
 * (Rayleigh distributed), correlated over the size of the sound pulse, wider than it is high.
 * Mean 1, row-major.
 */
export function speckle(size: GridSize, random: () => number): Float32Array {
  const inPhase = echoes(size, random);
  const quadrature = echoes(size, random);
  let sum = 0;
  for (let index = 0; index < inPhase.length; index++) {
    const magnitude = Math.sqrt(inPhase[index]! ** 2 + quadrature[index]! ** 2);
    inPhase[index] = magnitude;
    sum += magnitude;
  }
  const mean = sum / inPhase.length || 1;
  for (let index = 0; index < inPhase.length; index++) inPhase[index]! /= mean;
  return inPhase;
}

/** White noise, smoothed over about 7 x 2 pixels at 420 x 580, in proportion at other sizes. */
function echoes(size: GridSize, random: () => number): Float32Array {
  const { height, width } = size;
  const noise = new Float32Array(height * width);
  for (let index = 0; index < noise.length; index++) noise[index] = random() - 0.5;
  const lateral = Math.max(1, Math.round(width / 115));
  for (let pass = 0; pass < 2; pass++) {
    for (let row = 0; row < height; row++) smoothRow(noise, row * width, width, lateral);
  }
  const axial = Math.max(1, Math.round(height / 210));
  for (let above = 0; axial > 1 && above + width < noise.length; above++) {
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
