import type { GridSize } from './image.js';
import { fail, ok, type Result } from './result.js';

/**
 * Run-length encoding as Kaggle's Ultrasound Nerve Segmentation defines it: pixels numbered from 1,
 * top to bottom, then left to right; `start length` pairs, ascending, separated by spaces. The
 * rows [[1,1],[1,0]] are `1 3`; an empty mask is the empty string.
 *
 * @param mask [height, width], row-major; anything but 0 is foreground.
 */
export function encodeRle(mask: Uint8Array, { height, width }: GridSize): string {
  if (mask.length !== height * width) {
    throw new RangeError(`a mask of ${mask.length} pixels is not ${height}x${width}`);
  }
  let text = '';
  let runStart = -1;
  let position = 0;
  for (let column = 0; column < width; column++) {
    for (let index = column; index < mask.length; index += width, position++) {
      if (mask[index] !== 0) {
        if (runStart === -1) runStart = position;
      } else if (runStart !== -1) {
        text += `${runStart + 1} ${position - runStart} `;
        runStart = -1;
      }
    }
  }
  if (runStart !== -1) text += `${runStart + 1} ${position - runStart} `;
  return text.slice(0, -1);
}

export type RleCode = 'RLE_NOT_A_NUMBER' | 'RLE_ODD_COUNT' | 'RLE_OUT_OF_RANGE' | 'RLE_UNORDERED';

/**
 * The mask (0 or 1, row-major) of such a text. Runs must ascend and not overlap, as Kaggle checks;
 * they may touch. Any white space separates.
 */
export function decodeRle(text: string, { height, width }: GridSize): Result<Uint8Array, RleCode> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length % 2 !== 0) {
    return fail('RLE_ODD_COUNT', `${words.length} numbers are not start and length pairs`);
  }
  const pixels = height * width;
  const mask = new Uint8Array(pixels);
  let free = 0;
  for (let index = 0; index < words.length; index += 2) {
    const start = parseCount(words[index]!);
    const length = parseCount(words[index + 1]!);
    const run = `${words[index]} ${words[index + 1]}`;
    if (start === null || length === null) {
      return fail('RLE_NOT_A_NUMBER', `'${run}' is not two positive whole numbers`);
    }
    const first = start - 1;
    if (first + length > pixels) {
      return fail('RLE_OUT_OF_RANGE', `run '${run}' leaves the ${height}x${width} grid`);
    }
    if (first < free) {
      return fail('RLE_UNORDERED', `run '${run}' begins before the one ahead of it ends`);
    }
    free = first + length;
    let row = first % height;
    let column = (first - row) / height;
    for (let left = length; left > 0; left--) {
      mask[row * width + column] = 1;
      if (++row === height) {
        row = 0;
        column++;
      }
    }
  }
  return ok(mask);
}

/** A positive whole number in plain digits, else null. */
function parseCount(word: string): number | null {
  if (!/^\d{1,15}$/.test(word)) return null;
  const count = Number(word);
  return count > 0 ? count : null;
}
