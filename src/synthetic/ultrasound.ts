import type { GridSize } from '../operators/image.js';
import { drawBelly, drawBone, drawNerve, drawPatch, drawTissue, drawVessel } from './anatomy.js';
import type { EchoMap, Ellipse } from './echo-map.js';
import { speckle } from './speckle.js';
import type { SubjectLook } from './subject-look.js';

export interface SyntheticPair extends GridSize {
  /** 8-bit grey, row-major. */
  readonly image: Uint8Array;
  /** 0 or 1; empty where there is no nerve in the image. */
  readonly mask: Uint8Array;
}

/**
 * One made-up ultrasound image of a neck, and where its nerve is. Tissue, nerve and what can be
 * mistaken for one are drawn as echo strengths; then come depth, speckle and the logarithmic
 * compression of a real scanner. All chance comes from `random`.
 */
export function syntheticUltrasound(
  size: GridSize,
  look: SubjectLook,
  hasNerve: boolean,
  random: () => number,
): SyntheticPair {
  const { map, mask } = drawAnatomy(size, look, hasNerve, random);
  const image = onScreen(map, look, speckle(map, random), screenOf(map, look, random));
  return { ...size, image, mask };
}

/**
 * A short sweep: the frames that a scanner shows one after the other while the probe hardly moves.
 * The tissue and the nerve stay, and slide by a few pixels; the speckle changes in part, as it
 * does when the plane moves by less than the beam is thick; a little electronic noise is new in
 * every frame.
 */
export function syntheticSweep(
  size: GridSize,
  look: SubjectLook,
  hasNerve: boolean,
  frames: number,
  random: () => number,
): SyntheticPair[] {
  const { map, mask } = drawAnatomy(size, look, hasNerve, random);
  const first = speckle(map, random);
  const screen = screenOf(map, look, random);
  return Array.from({ length: frames }, (_, frame) => {
    if (frame === 0) return { ...size, image: onScreen(map, look, first, screen), mask };
    const fresh = speckle(map, random);
    const kept = 0.5 + 0.4 * random();
    const grain = first.map((value, index) => kept * value + (1 - kept) * fresh[index]!);
    const image = withNoise(onScreen(map, look, grain, screen), random);
    const right = slide(size.width, random);
    const down = slide(size.height, random);
    return {
      ...size,
      image: moved(image, size, right, down),
      mask: moved(mask, size, right, down),
    };
  });
}

/** Up to 1.5 % of the length to either side: 8 pixels of 580. */
function slide(length: number, random: () => number): number {
  return Math.round((2 * random() - 1) * 0.015 * length);
}

/** What moves in from outside is the pixel of the edge. */
export function moved(
  pixels: Uint8Array,
  { height, width }: GridSize,
  right: number,
  down: number,
): Uint8Array {
  const result = new Uint8Array(pixels.length);
  for (let row = 0; row < height; row++) {
    const from = Math.min(height - 1, Math.max(0, row - down)) * width;
    for (let column = 0; column < width; column++) {
      const at = Math.min(width - 1, Math.max(0, column - right));
      result[row * width + column] = pixels[from + at]!;
    }
  }
  return result;
}

function withNoise(image: Uint8Array, random: () => number): Uint8Array {
  return image.map((grey) => Math.min(255, Math.max(0, Math.round(grey + 8 * (random() - 0.5)))));
}

/** Tissue, nerve and what can be mistaken for one, as echo strengths. */
function drawAnatomy(
  size: GridSize,
  look: SubjectLook,
  hasNerve: boolean,
  random: () => number,
): { readonly map: EchoMap; readonly mask: Uint8Array } {
  const { height, width } = size;
  const map: EchoMap = { height, width, echo: new Float32Array(height * width) };
  const mask = new Uint8Array(height * width);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const ellipse = (
    x: number,
    y: number,
    radiusX: number,
    radiusY: number,
    tilt: number,
    bulge: number,
  ): Ellipse => ({
    x: x * width,
    y: y * height,
    radiusX: radiusX * width,
    radiusY: radiusY * height,
    tilt,
    bulge,
    phase: between(0, 2 * Math.PI),
  });

  drawTissue(map, look, random);
  if (look.bone !== null) drawBone(map, look.bone + between(-0.03, 0.03), random);

  // Distractors keep clear of where the nerve is, or would be.
  const x = look.nerve.x + between(-0.1, 0.1);
  const y = look.nerve.y + between(-0.07, 0.07);
  const side = random() < 0.5 ? -1 : 1;
  drawBelly(
    map,
    ellipse(
      x - side * between(0.24, 0.34),
      y + between(-0.1, 0.12),
      0.13,
      0.1,
      between(-0.3, 0.3),
      0.08,
    ),
    between(0.12, 0.18),
  );
  for (let patches = Math.floor(between(1, 4)); patches > 0; patches--) {
    const away = between(0.22, 0.45) * (random() < 0.5 ? -1 : 1);
    drawPatch(
      map,
      ellipse(x + away, between(0.25, 0.85), between(0.03, 0.07), between(0.015, 0.035), 0, 0.2),
      between(0.3, 0.55),
    );
  }
  for (let vessels = Math.floor(between(1, 3)); vessels > 0; vessels--) {
    const radius = between(0.025, 0.05);
    drawVessel(
      map,
      ellipse(x + side * between(0.2, 0.3), y + between(-0.15, 0.2), radius, 1.2 * radius, 0, 0.05),
    );
  }
  if (hasNerve) {
    const { radiusX, radiusY, tilt, echo } = look.nerve;
    const scale = between(0.85, 1.15);
    const outline = ellipse(
      x,
      y,
      radiusX * scale * between(0.92, 1.08),
      radiusY * scale * between(0.92, 1.08),
      tilt + between(-0.25, 0.25),
      between(0.03, 0.1),
    );
    drawNerve(map, outline, echo * between(0.9, 1.1), mask, random);
  }
  return { map, mask };
}

/** How the scanner was set, and how the tissue's brightness swells, for one image. */
interface Screen {
  readonly gain: number;
  readonly acrossWaves: Float32Array;
  readonly downWaves: Float32Array;
}

function screenOf({ height, width }: GridSize, look: SubjectLook, random: () => number): Screen {
  const gain = look.gain * (0.92 + 0.16 * random());
  return { gain, acrossWaves: waves(width, random), downWaves: waves(height, random) };
}

/** From echo strengths to the grey values of a scanner's screen. */
function onScreen(
  map: EchoMap,
  look: SubjectLook,
  grain: Float32Array,
  { gain, acrossWaves, downWaves }: Screen,
): Uint8Array {
  const { height, width, echo } = map;
  const image = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    // The probe's own echo is a bright band at the top; the scanner makes up for part of the rest.
    const near = 1 + 0.9 * Math.exp(-row / (0.012 * height));
    const strength = gain * near * Math.exp((-look.attenuation * row) / height);
    for (let column = 0, index = row * width; column < width; column++, index++) {
      const mottle = 1 + downWaves[row]! * acrossWaves[column]!;
      const speckled = 1 - look.grain + look.grain * grain[index]!;
      const echoed = strength * mottle * speckled * echo[index]!;
      image[index] = greyLevels[Math.min(levels - 1, Math.floor(echoed * (levels / brightest)))]!;
    }
  }
  return image;
}

/** A slow, irregular swell of about -0.5..0.5 along one axis: tissue is not equally bright. */
function waves(length: number, random: () => number): Float32Array {
  const parts = [3, 7, 13].map((turns) => ({
    turns: turns * (0.7 + 0.6 * random()),
    phase: 2 * Math.PI * random(),
  }));
  return Float32Array.from({ length }, (_, at) =>
    parts.reduce(
      (sum, { turns, phase }) => sum + 0.2 * Math.sin((2 * Math.PI * turns * at) / length + phase),
      0,
    ),
  );
}

const levels = 4096;
const brightest = 2;
/** Logarithmic compression of echoes 0..2 to grey, as a table. */
const greyLevels = Uint8Array.from({ length: levels }, (_, level) =>
  Math.min(255, (255 * Math.log1p((8 * brightest * (level + 0.5)) / levels)) / Math.log1p(8)),
);
