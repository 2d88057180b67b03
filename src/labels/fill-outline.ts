import type { Region } from '../formats/frames.js';
import { type Components, componentsOf } from '../operators/connected-components.js';
import type { GreyImage, GridSize } from '../operators/image.js';
import { fail, ok, type Result } from '../operators/result.js';
import { dilated, eroded } from './dilate.js';

export type OutlineCode = 'OUTLINE_OPEN';

/** A gap is closed that is up to this share of the outline's longer side. */
const widestGap = 0.1;
/** What is enclosed has at least this many pixels for one of the line: holes in a line are none. */
const leastEnclosed = 0.25;
/** A line of fewer pixels than this share of the longest one's is a speck if it encloses nothing. */
const speck = 0.05;
/** Thicker than this share of its longer side, it is no line but a shape already filled. */
const thickest = 1 / 6;

/**
 * What outlines enclose, the outlines included. Lines that leave the picture and come back enclose
 * what lies between them and its edge, on the hollow side. Small gaps are closed; a shape that is
 * filled already stays as it is. Fails where a gap is too wide to be closed.
 *
 * @param outline 0 and 1.
 */
export function fillOutline(outline: GreyImage): Result<GreyImage, OutlineCode> {
  const data = outline.data.slice();
  let open = linesOf(outline.data, outline);
  const most = open.reduce((count, { pixels }) => Math.max(count, pixels.length), 0);
  for (let reach = 0; open.length > 0; reach = reach === 0 ? 1 : reach * 2) {
    const left = unclosed(open, data, outline, reach);
    open = left.filter((line) => 2 * reach <= widestGap * longerSide(line));
    const hopeless = left.filter((line) => !open.includes(line));
    const worst = hopeless.find(({ pixels }) => pixels.length >= speck * most);
    if (worst !== undefined) {
      const message = `the outline that begins at row ${worst.top + 1}, column ${worst.left + 1} is not closed: its gap is too wide to tell what it encloses`;
      return fail('OUTLINE_OPEN', message);
    }
  }
  return ok({ ...outline, data });
}

/**
 * Fills what lines enclose once they have grown by `reach`, and shrinks it by as much again.
 *
 * @returns the lines that enclose nothing
 */
function unclosed(
  open: readonly Line[],
  filled: Uint8Array,
  size: GridSize,
  reach: number,
): Line[] {
  const drawn = maskOfPixels(open, size);
  const lines = reach === 0 ? open : linesOf(dilated(drawn, size, reach), size);
  const fill = (line: Line, enclosed: readonly number[]) => {
    const grown = maskOfPixels([line, { pixels: enclosed }], size);
    const shape = reach === 0 ? grown : eroded(grown, size, reach);
    for (let at = shape.indexOf(1); at !== -1; at = shape.indexOf(1, at + 1)) filled[at] = 1;
  };
  let left: { readonly line: Line; readonly drawn: Line }[] = [];
  for (const line of lines) {
    const ofLine = reach === 0 ? line : onlyDrawn(line, drawn, size.width);
    if (isFilled(ofLine, filled, size)) continue;
    const enclosed = enclosedBy(line, ofLine, size, around(line, size));
    if (enclosed === null) left.push({ line, drawn: ofLine });
    else fill(line, enclosed);
  }
  // Arcs across the picture may enclose what lies between them, or all that is on one side.
  const arcs = left.filter(({ line }) => isAtEdge(line, size));
  if (arcs.length > 0) {
    const joined = (parts: readonly Line[]) =>
      lineOf(
        parts.flatMap(({ pixels }) => pixels),
        size.width,
      );
    const line = joined(arcs.map((arc) => arc.line));
    const whole = { top: 0, left: 0, bottom: size.height, right: size.width };
    const enclosed = enclosedBy(line, joined(arcs.map((arc) => arc.drawn)), size, whole);
    if (enclosed !== null) {
      fill(line, enclosed);
      left = left.filter((other) => !arcs.includes(other));
    }
  }
  return left.map((line) => line.drawn);
}

/** Pixels that hang together, by index, and the part of the picture that they lie in. */
interface Line extends Region {
  readonly pixels: readonly number[];
}

function longerSide({ top, left, bottom, right }: Line): number {
  return Math.max(bottom - top, right - left);
}

function linesOf(mask: Uint8Array, size: GridSize): Line[] {
  return pixelsOf(componentsOf(mask, size, 1, 8)).map((pixels) => lineOf(pixels, size.width));
}

function pixelsOf({ starts, ends, labels, areas }: Components): number[][] {
  const pixels = areas.map((): number[] => []);
  for (const [run, start] of starts.entries()) {
    for (let at = start; at < ends[run]!; at++) pixels[labels[run]!]!.push(at);
  }
  return pixels;
}

function maskOfPixels(
  parts: readonly { readonly pixels: readonly number[] }[],
  { height, width }: GridSize,
): Uint8Array {
  const mask = new Uint8Array(height * width);
  for (const { pixels } of parts) for (const at of pixels) mask[at] = 1;
  return mask;
}

function lineOf(pixels: readonly number[], width: number): Line {
  let [top, left, bottom, right] = [Infinity, Infinity, 0, 0];
  for (const at of pixels) {
    const row = Math.floor(at / width);
    const column = at - row * width;
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
  }
  return { pixels, top, left, bottom, right };
}

/** Of a line that was made thicker what was drawn of it. */
function onlyDrawn(line: Line, drawn: Uint8Array, width: number): Line {
  return lineOf(
    line.pixels.filter((at) => drawn[at] === 1),
    width,
  );
}

/** Whether it is no line: of one that is t thick two in t pixels lie at its side. */
function isFilled(line: Line, mask: Uint8Array, { height, width }: GridSize): boolean {
  let atSide = 0;
  for (const at of line.pixels) {
    const column = at % width;
    const isInner =
      (column === 0 || mask[at - 1] === 1) &&
      (column === width - 1 || mask[at + 1] === 1) &&
      (at < width || mask[at - width] === 1) &&
      (at >= (height - 1) * width || mask[at + width] === 1);
    if (!isInner) atSide++;
  }
  return (2 * line.pixels.length) / atSide > thickest * longerSide(line) + 1;
}

/** The part of the picture that a region lies in, with a pixel around it where there is one. */
function around({ top, left, bottom, right }: Region, { height, width }: GridSize): Region {
  return {
    top: Math.max(top - 1, 0),
    left: Math.max(left - 1, 0),
    bottom: Math.min(bottom + 1, height),
    right: Math.min(right + 1, width),
  };
}

function isAtEdge({ top, left, bottom, right }: Region, { height, width }: GridSize): boolean {
  return top === 0 || left === 0 || bottom === height || right === width;
}

/**
 * What a line encloses within a part of the picture, by itself or with the picture's edge; null where
 * that is nothing to speak of.
 */
function enclosedBy(
  line: Line,
  drawn: Line,
  size: GridSize,
  { top, left, bottom, right }: Region,
): number[] | null {
  const { height, width } = size;
  const part = { height: bottom - top, width: right - left };
  const inPart = new Uint8Array(part.height * part.width);
  for (const at of line.pixels) {
    const row = Math.floor(at / width);
    inPart[(row - top) * part.width + (at - row * width) - left] = 1;
  }
  const onPicture = (at: number) => {
    const row = Math.floor(at / part.width);
    return (row + top) * width + (at - row * part.width) + left;
  };
  const regions = pixelsOf(componentsOf(inPart, part, 0, 4)).map((pixels) => pixels.map(onPicture));
  const enclosed: number[][] = [];
  const atEdge: number[][] = [];
  for (const region of regions) {
    const shape = lineOf(region, width);
    // It goes on beyond the line's part of the picture.
    const goesOn =
      (shape.top === top && top > 0) ||
      (shape.left === left && left > 0) ||
      (shape.bottom === bottom && bottom < height) ||
      (shape.right === right && right < width);
    if (goesOn) continue;
    (isAtEdge(shape, size) ? atEdge : enclosed).push(region);
  }
  const middle = middleOf(drawn, width);
  enclosed.push(...atEdge.filter((region) => region.includes(middle)));
  const pixels = enclosed.flat();
  return pixels.length >= leastEnclosed * drawn.pixels.length ? pixels : null;
}

/** Lies on the inner side of an arc, and between several of one convex shape. */
function middleOf({ pixels }: Line, width: number): number {
  let [rows, columns] = [0, 0];
  for (const at of pixels) {
    rows += Math.floor(at / width);
    columns += at % width;
  }
  return Math.round(rows / pixels.length) * width + Math.round(columns / pixels.length);
}
