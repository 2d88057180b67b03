import type { PixelSpacing } from '../formats/frames.js';
import { csvCell } from '../operators/csv.js';
import { type MaskGeometry, sizesOf } from '../operators/mask-measures.js';
import type { PredictionRecord } from './records.js';
import type { RowCsv } from './row-csv.js';

/** Of one row: its record, and its sizes in pixels and millimetres where there are such. */
interface Measured {
  readonly row: PredictionRecord;
  readonly spacing: PixelSpacing | undefined;
  readonly geometry: MaskGeometry | null;
  readonly px: ReturnType<typeof sizesOf> | null;
  readonly mm: ReturnType<typeof sizesOf> | null;
}

type Column = readonly [name: string, cell: (of: Measured) => string];

/** What each means stands in docs/guides/measurements.md. A cell is empty where nothing is known. */
const columns: readonly Column[] = [
  ['id', ({ row }) => csvCell(row.id)],
  ['area_px', ({ row }) => `${row.pixels}`],
  ['area_mm2', ({ row, spacing }) => number(spacing && areaOf(row.pixels, spacing), 3)],
  ['perimeter_px', ({ px }) => number(px?.perimeter, 2)],
  ['perimeter_mm', ({ mm }) => number(mm?.perimeter, 3)],
  ['circularity', ({ px, mm }) => number((mm ?? px)?.circularity, 3)],
  ['ellipse_major_px', ({ px }) => number(px?.ellipse?.major, 2)],
  ['ellipse_major_mm', ({ mm }) => number(mm?.ellipse?.major, 3)],
  ['ellipse_minor_px', ({ px }) => number(px?.ellipse?.minor, 2)],
  ['ellipse_minor_mm', ({ mm }) => number(mm?.ellipse?.minor, 3)],
  ['ellipse_perimeter_px', ({ px }) => number(px?.ellipse?.perimeter, 2)],
  ['ellipse_perimeter_mm', ({ mm }) => number(mm?.ellipse?.perimeter, 3)],
  ['ellipse_angle_deg', ({ px, mm }) => number((mm ?? px)?.ellipse?.angle, 1)],
  ['ellipse_row_px', ({ px }) => number(px?.ellipse?.row, 2)],
  ['ellipse_column_px', ({ px }) => number(px?.ellipse?.column, 2)],
  ['centroid_row_px', ({ geometry }) => number(geometry?.centroid.row, 2)],
  ['centroid_column_px', ({ geometry }) => number(geometry?.centroid.column, 2)],
  ['box_top_px', ({ geometry }) => number(geometry?.box.top)],
  ['box_left_px', ({ geometry }) => number(geometry?.box.left)],
  ['box_height_px', ({ geometry }) => number(geometry?.box.height)],
  ['box_width_px', ({ geometry }) => number(geometry?.box.width)],
  ['pieces', ({ geometry }) => number(geometry?.pieces)],
  ['touches_edge', ({ row, geometry }) => number(geometry && +touchesEdge(row, geometry))],
  ['grey_inside', ({ row }) => number(row.measures?.grey.inside, 1)],
  ['grey_ring', ({ row }) => number(row.measures?.grey.ring, 1)],
  ['presence_evidence', ({ row }) => number(row.measures?.evidence, 3)],
  ['uncertainty', ({ row }) => number(row.measures?.uncertainty, 3)],
  ['row_mm', ({ spacing }) => number(spacing?.rowMm, 6)],
  ['column_mm', ({ spacing }) => number(spacing?.columnMm, 6)],
  ['model_id', ({ row }) => csvCell(row.modelId)],
];

export const measurementsCsv: RowCsv = {
  header: columns.map(([name]) => name).join(','),
  lineOf(row, spacing) {
    const measured = measuredOf(row, spacing);
    return `${columns.map(([, cell]) => cell(measured)).join(',')}\n`;
  },
};

/** The columns of measurements.csv that are numbers, of one row; null where nothing is known. */
export function measurementsOf(
  row: PredictionRecord,
  spacing?: PixelSpacing,
): Record<string, number | null> {
  const measured = measuredOf(row, spacing);
  const numbers = columns.filter(([name]) => name !== 'id' && name !== 'model_id');
  return Object.fromEntries(
    numbers.map(([name, cell]) => {
      const text = cell(measured);
      return [name, text === '' ? null : Number(text)];
    }),
  );
}

function measuredOf(row: PredictionRecord, spacing: PixelSpacing | undefined): Measured {
  const geometry = row.measures?.geometry ?? null;
  const px = geometry && sizesOf(geometry);
  const mm = geometry && spacing ? sizesOf(geometry, spacing) : null;
  return { row, spacing, geometry, px, mm };
}

function areaOf(pixels: number, { rowMm, columnMm }: PixelSpacing): number {
  return pixels * rowMm * columnMm;
}

function touchesEdge({ height, width }: PredictionRecord, { box }: MaskGeometry): boolean {
  return (
    box.top === 0 ||
    box.left === 0 ||
    box.top + box.height === height ||
    box.left + box.width === width
  );
}

/** In as few digits as say it, never in powers of ten. */
function number(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined ? '' : `${Number(value.toFixed(digits))}`;
}
