import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  displayWidth,
  padEnd,
  padStart,
  truncateEnd,
  truncateMiddle,
} from '../../../src/ui/layout/text-width.js';
import {
  cutLine,
  fitLine,
  lineWidth,
  span,
  spreadLine,
} from '../../../src/ui/layout/toned-line.js';
import { lineText } from '../../support/line-text.js';

describe('cells a text takes', () => {
  it.each([
    ['abc', 3],
    ['médical', 7],
    ['me\u0301dical', 7],
    ['超声图像', 8],
    ['ｆｕｌｌ', 8],
    ['한글', 4],
    ['👍🏽', 2],
    ['👩‍⚕️', 2],
    ['🇩🇪', 2],
    ['╭─⣿✗▸', 5],
    ['\u200b', 0],
    ['', 0],
  ])('%s: %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('cutting marks the cut and never splits a character', () => {
    expect(truncateEnd('超声图像', 5)).toBe('超声…');
    expect(truncateEnd('超声图像', 6)).toBe('超声…');
    expect(truncateEnd('abc', 3)).toBe('abc');
    expect(truncateEnd('abc', 0)).toBe('');
    expect(truncateMiddle('train/very-long-name.tif', 12)).toBe('train…me.tif');
    expect(truncateMiddle('abcdef', 0)).toBe('');
    expect(padEnd('图', 4)).toBe('图  ');
    expect(padStart('图', 4)).toBe('  图');
  });

  it('no cut is wider than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 30 }), (text, width) => {
        expect(displayWidth(truncateEnd(text, width))).toBeLessThanOrEqual(width);
        expect(displayWidth(truncateMiddle(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('lines of spans', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 6 });

  it('are cut and filled to the cell', () => {
    fc.assert(
      fc.property(texts, fc.nat({ max: 40 }), (parts, width) => {
        const line = parts.map((text) => span(text));
        expect(lineWidth(cutLine(line, width))).toBeLessThanOrEqual(width);
        expect(lineWidth(fitLine(line, width))).toBe(width);
      }),
    );
  });

  it('show that something was cut', () => {
    expect(lineText(cutLine([span('abc'), span('def')], 6))).toBe('abcdef');
    expect(lineText(cutLine([span('abc'), span('def')], 5))).toBe('abcd…');
    expect(lineText(cutLine([span('abc'), span('def')], 3))).toBe('ab…');
  });

  it('keep the right side where both do not fit', () => {
    expect(lineText(spreadLine([span('left')], [span('right')], 20))).toBe('left           right');
    expect(lineText(spreadLine([span('a long left side')], [span('right')], 16))).toBe(
      'a long l…  right',
    );
    expect(lineText(spreadLine([span('left')], [span('right side')], 12))).toBe('left        ');
  });
});
