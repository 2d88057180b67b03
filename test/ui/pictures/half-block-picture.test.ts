import { describe, expect, it } from 'vitest';
import { encodePicture } from '../../../src/operators/preview-picture.js';
import { fitPicture } from '../../../src/ui/pictures/fit-picture.js';
import { drawPicture } from '../../../src/ui/pictures/half-block-picture.js';
import { themeFor } from '../../../src/ui/terminal/theme.js';
import { lineText } from '../../support/line-text.js';

const size = { height: 64, width: 80 };
const full = themeFor({ TERM: 'xterm', COLORTERM: 'truecolor' });
const none = themeFor({ TERM: 'xterm', NO_COLOR: '1' });

function maskOf(isIn: (y: number, x: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 64 * 80 }, (_, index) =>
    Number(isIn(Math.floor(index / 80), index % 80)),
  );
}

describe('a picture in half-blocks', () => {
  it('is as large as the room lets it be, its pixels square', () => {
    expect(fitPicture(size, { columns: 40, rows: 99 })).toEqual({ columns: 40, rows: 16 });
    expect(fitPicture(size, { columns: 999, rows: 32 })).toEqual({ columns: 80, rows: 32 });
    expect(fitPicture(size, { columns: 1, rows: 1 })).toEqual({ columns: 1, rows: 1 });
  });

  it('a cell is two pixels, the upper its ink and the lower its paper', () => {
    const image = maskOf((y) => y % 2 === 0).map((white) => white * 255);
    const picture = encodePicture(size, image, new Uint8Array(64 * 80));
    const [line] = drawPicture(
      picture,
      { columns: 80, rows: 32 },
      { model: true, truth: true },
      full,
    );
    expect(line?.[7]).toEqual({
      text: '▀',
      tone: 'plain',
      colours: { ink: 0xffffff, paper: 0x000000 },
    });
  });

  it('an outline is where the mask ends, and what is small does not vanish', () => {
    const square = maskOf((y, x) => y >= 16 && y < 48 && x >= 20 && x < 60);
    const speck = maskOf((y, x) => y === 3 && x === 4);
    const picture = encodePicture(size, new Uint8Array(64 * 80), square, speck);
    const drawn = drawPicture(
      picture,
      { columns: 20, rows: 8 },
      { model: true, truth: true },
      none,
    );
    expect(drawn.map(lineText).map((text) => text.trimEnd())).toEqual([
      ' x',
      '',
      '     oooooooooo',
      '     o        o',
      '     o        o',
      '     oooooooooo',
      '',
      '',
    ]);
    const empty = encodePicture(size, new Uint8Array(64 * 80), new Uint8Array(64 * 80));
    const dark = drawPicture(empty, { columns: 20, rows: 8 }, { model: true, truth: true }, none);
    expect(dark.map(lineText).join('').trim()).toBe('');
  });
});
