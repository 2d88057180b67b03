import { expect, test } from 'vitest';
import { maskShapeOf } from '../../src/operators/mask-shape.js';

const size = { height: 4, width: 5 };
const shapeOf = (...rows: string[]) =>
  maskShapeOf(
    Uint8Array.from(rows.join(''), (pixel) => +(pixel === '#')),
    size,
  );

test('an empty mask has no area, pieces or border', () => {
  expect(shapeOf('.....', '.....', '.....', '.....')).toEqual({
    area: 0,
    pieces: 0,
    touchesBorder: false,
  });
});

test('corners hang together, gaps do not', () => {
  expect(shapeOf('.....', '.#...', '..#..', '.....')).toMatchObject({ area: 0.1, pieces: 1 });
  expect(shapeOf('.....', '.#.#.', '.....', '.....')).toMatchObject({ pieces: 2 });
});

test.each([
  ['top', ['..#..', '.....', '.....', '.....']],
  ['bottom', ['.....', '.....', '.....', '#....']],
  ['left', ['.....', '.....', '#....', '.....']],
  ['right', ['.....', '....#', '.....', '.....']],
])('the %s edge counts as border', (_, rows) => {
  expect(shapeOf(...rows).touchesBorder).toBe(true);
});

test('one pixel inside does not', () => {
  expect(shapeOf('.....', '.###.', '.###.', '.....').touchesBorder).toBe(false);
});
