import { expect, test } from 'vitest';
import { geometryOf } from '../../src/operators/mask-measures.js';
import { measurementsCsv } from '../../src/store/measurements-csv.js';
import type { PredictionRecord } from '../../src/store/records.js';
import { drawnEllipse } from '../operators/drawn-ellipse.js';

const size = { height: 60, width: 80 };
const mask = drawnEllipse({ row: 30, column: 40, major: 40, minor: 20, angle: 30 }, size);
const geometry = geometryOf(mask, size)!;
const row: PredictionRecord = {
  id: '7',
  ...{ fingerprint: 'f', imageSha: 'i', preprocessing: 'p', postprocessing: 't', modelId: 'm' },
  ...size,
  pixels: geometry.area,
  rle: 'of no concern',
  measures: {
    geometry,
    grey: { inside: 91.234, ring: 140 },
    evidence: 0.98765,
    uncertainty: 0.0125,
  },
};

/** Cells by column, but for empty ones. */
function cellsOf(of: PredictionRecord, spacing?: { rowMm: number; columnMm: number }) {
  const names = measurementsCsv.header.split(',');
  const cells = measurementsCsv.lineOf(of, spacing).trimEnd().split(',');
  expect(cells).toHaveLength(names.length);
  return Object.fromEntries(
    names.map((name, at) => [name, cells[at]!]).filter(([, c]) => c !== ''),
  );
}

test('without a spacing all sizes are in pixels', () => {
  const cells = cellsOf(row);
  expect(cells).toMatchObject({
    id: '7',
    area_px: `${geometry.area}`,
    box_top_px: `${geometry.box.top}`,
    pieces: '1',
    touches_edge: '0',
    grey_inside: '91.2',
    grey_ring: '140',
    presence_evidence: '0.988',
    uncertainty: '0.013',
    model_id: 'm',
  });
  expect(Number(cells.ellipse_major_px)).toBeCloseTo(40, 0);
  expect(Number(cells.ellipse_minor_px)).toBeCloseTo(20, 0);
  expect(Math.abs(Number(cells.ellipse_angle_deg) - 30)).toBeLessThan(2);
  expect(Number(cells.centroid_row_px)).toBeCloseTo(30, 0);
  expect(Object.keys(cells).filter((name) => name.includes('mm'))).toEqual([]);
});

test('with a spacing they are in millimetres too', () => {
  const cells = cellsOf(row, { rowMm: 0.1, columnMm: 0.1 });
  expect(Number(cells.area_mm2)).toBeCloseTo(geometry.area / 100, 3);
  expect(Number(cells.ellipse_major_mm)).toBeCloseTo(4, 1);
  expect(Number(cells.perimeter_mm)).toBeCloseTo(Number(cells.perimeter_px) / 10, 2);
  expect(cells.row_mm).toBe('0.1');
  expect(Object.keys(cells)).toEqual(measurementsCsv.header.split(','));
});

test('of an empty mask the area is 0, and there is nothing else to measure', () => {
  const measures = {
    geometry: null,
    grey: { inside: null, ring: null },
    evidence: 0.1,
    uncertainty: 0.2,
  };
  const empty = { ...row, pixels: 0, rle: '', measures };
  expect(cellsOf(empty)).toEqual({
    ...{ id: '7', area_px: '0', presence_evidence: '0.1', uncertainty: '0.2', model_id: 'm' },
  });
  expect(cellsOf(empty, { rowMm: 0.1, columnMm: 0.1 })).toMatchObject({ area_mm2: '0' });
});

test('of a row of version 0.1 the area is known', () => {
  const { measures: _, ...old } = row;
  expect(cellsOf(old)).toEqual({ id: '7', area_px: `${geometry.area}`, model_id: 'm' });
});

test('an id with a comma is quoted', () => {
  expect(measurementsCsv.lineOf({ ...row, id: 'a,b' }, undefined)).toMatch(/^"a,b",/);
});
