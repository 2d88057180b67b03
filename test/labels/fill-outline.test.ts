import { describe, expect, test } from 'vitest';
import { fillOutline } from '../../src/labels/fill-outline.js';
import type { GreyImage } from '../../src/operators/image.js';
import { areaOf, cropped, ellipseMask, ringOf } from './drawn-shapes.js';

const size = { height: 120, width: 160 };
const ellipse = { x: 80, y: 60, major: 50, minor: 34, angle: 0.5 };
const head = ellipseMask(size, ellipse);

function filled(outline: GreyImage): GreyImage {
  const result = fillOutline(outline);
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

function withGap(ring: GreyImage, gap: number): GreyImage {
  const { data, width } = ring;
  const open = { ...ring, data: data.slice() };
  const first = data.indexOf(1);
  for (let row = 0; row < 8; row++) {
    const at = first + row * width - Math.floor(gap / 2);
    open.data.fill(0, at, at + gap);
  }
  return open;
}

function together(a: GreyImage, b: GreyImage): GreyImage {
  return { ...a, data: a.data.map((value, at) => value | b.data[at]!) };
}

describe('an outline becomes what it encloses, itself included', () => {
  test.each([1, 2, 3, 5])('a closed ring of %i pixels', (thickness) => {
    expect(filled(ringOf(head, thickness))).toEqual(head);
  });

  test('a small ring with a thick line', () => {
    const small = ellipseMask(size, { x: 40, y: 40, major: 10, minor: 8, angle: 0 });
    expect(filled(ringOf(small, 3))).toEqual(small);
  });

  test('several rings, also small ones beside a large one', () => {
    const both = ellipseMask(size, { x: 14, y: 20, major: 9, minor: 7, angle: 0 });
    const rings = together(ringOf(head), ringOf(both));
    expect(filled(rings)).toEqual(together(head, both));
  });

  test.each([
    ['above', { top: 45, left: 0, bottom: 120, right: 160 }],
    ['above, more than half of it', { top: 75, left: 0, bottom: 120, right: 160 }],
    ['below', { top: 0, left: 0, bottom: 70, right: 160 }],
    ['left', { top: 0, left: 60, bottom: 120, right: 160 }],
    ['right', { top: 0, left: 0, bottom: 120, right: 100 }],
    ['in a corner', { top: 50, left: 70, bottom: 120, right: 160 }],
    ['above and left, the corner itself outside', { top: 30, left: 42, bottom: 120, right: 160 }],
    ['above and below', { top: 40, left: 0, bottom: 80, right: 160 }],
    ['left and right', { top: 0, left: 50, bottom: 120, right: 110 }],
    ['on three sides', { top: 40, left: 50, bottom: 120, right: 110 }],
  ])('cut by the edge %s', (_, part) => {
    expect(filled(cropped(ringOf(head), part))).toEqual(cropped(head, part));
  });

  test('drawn by hand, cut by the edge', () => {
    const wobbling = { ...size, data: new Uint8Array(head.data.length) };
    for (let at = 0; at < head.data.length; at++) {
      const [x, y] = [(at % 160) - 80, Math.floor(at / 160) - 60];
      const reach = 44 + 5 * Math.sin(3 * Math.atan2(y, x)) + 2 * Math.sin(11 * Math.atan2(y, x));
      wobbling.data[at] = Math.hypot(x, y) < reach ? 1 : 0;
    }
    for (const row of [30, 60, 75]) {
      const part = { top: row, left: 0, bottom: 120, right: 160 };
      expect(filled(cropped(ringOf(wobbling, 3), part))).toEqual(cropped(wobbling, part));
    }
  });

  test.each([1, 3, 7])('a gap of %i pixels is closed', (gap) => {
    const closed = filled(withGap(ringOf(head), gap));
    expect(Math.abs(areaOf(closed) / areaOf(head) - 1)).toBeLessThan(0.02);
  });

  test('an arc that ends shortly before the edge', () => {
    const part = { top: 45, left: 0, bottom: 120, right: 160 };
    const arc = cropped(ringOf(head), part);
    arc.data.fill(0, 0, 3 * size.width);
    expect(areaOf(filled(arc)) / areaOf(cropped(head, part))).toBeGreaterThan(0.97);
  });

  test('a shape that is filled already, and an empty picture, stay as they are', () => {
    expect(filled(head)).toEqual(head);
    const empty = { ...size, data: new Uint8Array(size.height * size.width) };
    expect(filled(empty)).toEqual(empty);
    const full = { ...size, data: empty.data.map(() => 1) };
    expect(filled(full)).toEqual(full);
  });

  test('a speck beside a ring stays a speck', () => {
    const ring = ringOf(head);
    ring.data[3] = 1;
    const data = head.data.slice();
    data[3] = 1;
    expect(filled(ring)).toEqual({ ...size, data });
  });
});

test('an outline that cannot be closed is a failure that says where it is', () => {
  const half = { ...size, data: ringOf(head).data.map((value, at) => (at < 60 * 160 ? value : 0)) };
  expect(fillOutline(half)).toMatchObject({ ok: false, failure: { code: 'OUTLINE_OPEN' } });
  expect(fillOutline(withGap(ringOf(head), 40))).toMatchObject({
    ok: false,
    failure: { message: expect.stringMatching(/begins at row \d+, column \d+ is not closed/) },
  });
});
