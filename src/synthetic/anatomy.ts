import { aroundEllipse, bell, blend, type EchoMap, type Ellipse } from './echo-map.js';
import type { SubjectLook } from './subject-look.js';

/** Skin, fat and muscles one below the other, with bright fasciae between and fibres inside. */
export function drawTissue(map: EchoMap, look: SubjectLook, random: () => number): void {
  const { height, width, echo } = map;
  const slope = (random() - 0.5) * 0.12;
  const sway = (random() - 0.5) * 1.5;
  const depthShift = (random() - 0.5) * 0.05;
  const borders = look.layers.map((layer) =>
    Float32Array.from({ length: width }, (_, column) => {
      const x = column / width;
      const bend = layer.bend * Math.sin(5 * x + layer.phase + sway);
      return (layer.depth + depthShift + slope * (x - 0.5) + bend) * height;
    }),
  );

  for (const [nth, layer] of look.layers.entries()) {
    const upper = borders[nth]!;
    const lower = borders[nth + 1];
    for (let column = 0; column < width; column++) {
      const top = Math.max(0, Math.round(upper[column]!));
      const bottom = lower === undefined ? height : Math.min(height, Math.round(lower[column]!));
      for (let row = top; row < bottom; row++) echo[row * width + column] = layer.echo;
    }
  }
  for (const [nth, layer] of look.layers.entries()) {
    const upper = borders[nth]!;
    const lower = borders[nth + 1] ?? new Float32Array(width).fill(height);
    for (let streak = 0; streak < layer.streaks; streak++) {
      const share = random();
      const length = Math.round((0.03 + 0.12 * random()) * width);
      const start = Math.floor(random() * width) - (length >> 1);
      const strength = layer.echo + 0.1 + 0.25 * random() ** 2;
      drawLine(map, start, length, strength, 0.0035, (column) => {
        return upper[column]! + share * (lower[column]! - upper[column]!);
      });
    }
    if (layer.fascia > 0) {
      const gap = Math.floor(random() * width);
      const thickness = 0.005 + 0.004 * random();
      drawLine(map, 0, width, layer.fascia, thickness, (column) => upper[column]!, gap);
    }
  }
}

/** A bright line from column `start` on, `thickness` a share of the height; faint around `gap`. */
function drawLine(
  map: EchoMap,
  start: number,
  length: number,
  strength: number,
  thickness: number,
  rowAt: (column: number) => number,
  gap?: number,
): void {
  const { height, width } = map;
  const sigma = Math.max(0.7, thickness * height);
  const reach = Math.ceil(2 * sigma);
  for (let column = Math.max(0, start); column < Math.min(width, start + length); column++) {
    const middle = rowAt(column);
    const along = (2 * (column - start)) / length - 1;
    const share = gap === undefined ? 1 - along ** 2 : 1 - 0.8 * bell(column - gap, 0.1 * width);
    const bottom = Math.min(height - 1, Math.round(middle) + reach);
    for (let row = Math.max(0, Math.round(middle) - reach); row <= bottom; row++) {
      blend(map, row * width + column, strength, share * bell(row - middle, sigma));
    }
  }
}

/**
 * A nerve cut across: a bright sheath around bright tissue with round dark fascicles in it, the
 * honeycomb that examiners look for. Sets the mask's pixels inside the outline to 1.
 */
export function drawNerve(
  map: EchoMap,
  nerve: Ellipse,
  strength: number,
  mask: Uint8Array,
  random: () => number,
): void {
  const spacing = (nerve.radiusX + nerve.radiusY) * (0.2 + 0.06 * random());
  const offsetX = random() * spacing;
  const offsetY = random() * spacing;
  const rowHeight = spacing * Math.sqrt(3 / 4);
  aroundEllipse(map, nerve, 1.25, (index, distance, dx, dy) => {
    if (distance <= 1) {
      mask[index] = 1;
      const row = Math.round((dy - offsetY) / rowHeight);
      const shift = offsetX + (row % 2 === 0 ? 0 : spacing / 2);
      const fromX = dx - shift - Math.round((dx - shift) / spacing) * spacing;
      const fromY = dy - offsetY - row * rowHeight;
      const fascicle = bell(Math.sqrt(fromX ** 2 + fromY ** 2), 0.36 * spacing);
      blend(map, index, strength * (1 - 0.62 * fascicle), 0.92);
    }
    const sheath = 0.6 + 0.4 * Math.sin((1.5 * dx) / nerve.radiusX + nerve.phase);
    blend(map, index, 1.4 * strength, 0.85 * sheath * bell(distance - 1, 0.09));
  });
}

/** A vessel: black with a thin bright wall, and brighter tissue below it. */
export function drawVessel(map: EchoMap, vessel: Ellipse): void {
  const { height, width, echo } = map;
  aroundEllipse(map, vessel, 1.2, (index, distance) => {
    if (distance <= 1) blend(map, index, 0.02, 0.95);
    blend(map, index, 0.45, 0.7 * bell(distance - 1.04, 0.08));
  });
  const from = Math.ceil(vessel.y + vessel.radiusY * 1.15);
  const to = Math.min(height, Math.ceil(from + vessel.radiusY * 2.5));
  const left = Math.max(0, Math.ceil(vessel.x - vessel.radiusX));
  const right = Math.min(width, Math.floor(vessel.x + vessel.radiusX));
  for (let row = Math.max(0, from); row < to; row++) {
    const fading = 1 - (row - from) / (to - from);
    for (let column = left; column < right; column++) {
      const across = bell(column - vessel.x, 0.7 * vessel.radiusX);
      echo[row * width + column]! *= 1 + 0.6 * fading * across;
    }
  }
}

/** A muscle belly: large, dark, streaked, with a thin bright rim; what a nerve is mistaken for. */
export function drawBelly(map: EchoMap, belly: Ellipse, strength: number): void {
  aroundEllipse(map, belly, 1.15, (index, distance, dx, dy) => {
    if (distance <= 1) {
      const fibres = 0.5 + 0.5 * Math.sin((dy / belly.radiusY) * 16 + dx / belly.radiusX);
      blend(map, index, strength * (0.6 + 0.8 * fibres ** 3), 0.9);
    }
    blend(map, index, 2.6 * strength, 0.7 * bell(distance - 1, 0.06));
  });
}

/** A bright patch of fat or connective tissue: as bright as a nerve, without outline or pattern. */
export function drawPatch(map: EchoMap, patch: Ellipse, strength: number): void {
  aroundEllipse(map, patch, 1.6, (index, distance) => {
    blend(map, index, strength, 0.8 * bell(distance, 0.75));
  });
}

/** The bone's bright surface, which throws a shadow to the bottom. */
export function drawBone(map: EchoMap, depth: number, random: () => number): void {
  const { height, width, echo } = map;
  const centre = (0.2 + 0.6 * random()) * width;
  const half = (0.12 + 0.12 * random()) * width;
  for (let column = 0; column < width; column++) {
    const across = (column - centre) / half;
    if (Math.abs(across) > 1) continue;
    const surface = (depth + 0.1 * across ** 2) * height;
    const sides = 1 - across ** 4;
    for (let row = Math.max(0, Math.floor(surface - 0.03 * height)); row < height; row++) {
      const index = row * width + column;
      if (row > surface) echo[index]! *= 1 - 0.85 * sides;
      blend(map, index, 1, sides * bell(row - surface, 0.01 * height));
    }
  }
}
