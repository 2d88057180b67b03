import type { DataSet } from 'dicom-parser';
import type { GridSize } from '../../operators/image.js';
import type { FrameNotes, GreyWindow, PixelSpacing, Region } from '../frames.js';
import type { ImageHeader } from './image-header.js';

/** All that is kept of a header besides the layout of the pixels. */
export function readNotes(dataSet: DataSet, header: ImageHeader): Omit<FrameNotes, 'bits'> {
  const screen = tissueOf(dataSet, header);
  return {
    spacing: screen.spacing ?? spacingIn(dataSet, 'x00280030') ?? spacingIn(dataSet, 'x00181164'),
    region: screen.region,
    window: windowOf(dataSet),
    slope: dataSet.floatString('x00281053') || 1,
    intercept: dataSet.floatString('x00281052') || 0,
    isInverted: header.photometric === 'MONOCHROME1',
    patient: dataSet.string('x00100020') || null,
  };
}

function windowOf(dataSet: DataSet): GreyWindow | null {
  const centre = dataSet.floatString('x00281050');
  const width = dataSet.floatString('x00281051');
  if (centre === undefined || width === undefined) return null;
  return Number.isFinite(centre) && width > 0 ? { centre, width } : null;
}

/** PixelSpacing or ImagerPixelSpacing: `row\column` in millimetres. */
function spacingIn(dataSet: DataSet, tag: string): PixelSpacing | null {
  const rowMm = dataSet.floatString(tag, 0) ?? 0;
  const columnMm = dataSet.floatString(tag, 1) ?? 0;
  return isLength(rowMm) && isLength(columnMm) ? { rowMm, columnMm } : null;
}

const isLength = (mm: number) => Number.isFinite(mm) && mm > 0;

interface ScreenPart extends Region {
  readonly spacing: PixelSpacing;
  readonly isTissue: boolean;
}

type Tissue = Pick<FrameNotes, 'spacing' | 'region'>;

/**
 * Of the ultrasound regions (0018,6011) the one of tissue, in cm both ways, that covers the
 * picture's centre. A region that ends beyond the picture on one side is of a screen that was cut:
 * so is the region. Where it ends beyond both sides the picture may as well be the screen made
 * smaller, of which the header says nothing, so that neither place nor spacing can be believed.
 */
function tissueOf(dataSet: DataSet, { height, width }: GridSize): Tissue {
  const parts = (dataSet.elements.x00186011?.items ?? [])
    .map(({ dataSet: item }) => (item === undefined ? null : screenPart(item)))
    .filter((part) => part !== null)
    .sort((a, b) => Number(b.isTissue) - Number(a.isTissue));
  const part = parts.find((candidate) => covers(candidate, height / 2, width / 2));
  if (part === undefined) return { spacing: sameSpacing(parts), region: null };

  const { top, left, spacing } = part;
  if (part.bottom > height + 1 && part.right > width + 1) {
    return { spacing: null, region: null };
  }
  const [bottom, right] = [Math.min(part.bottom, height), Math.min(part.right, width)];
  return { spacing, region: { top, left, bottom, right, of: { height, width } } };
}

function covers({ top, left, bottom, right }: Region, row: number, column: number): boolean {
  return top <= row && row < bottom && left <= column && column < right;
}

/** Where no region covers the centre, the spacing that all agree on. */
function sameSpacing(parts: readonly ScreenPart[]): PixelSpacing | null {
  const [first, ...others] = parts.map(({ spacing }) => spacing);
  const same = others.every((o) => o.rowMm === first?.rowMm && o.columnMm === first.columnMm);
  return first !== undefined && same ? first : null;
}

const centimetres = 3;
const twoDimensional = 1;
const tissue = 1;
const colourFlow = 2;

/** A region that is a picture of the body, not a trace, a curve or a bar of greys. */
function screenPart(item: DataSet): ScreenPart | null {
  const isPicture = item.uint16('x00186012') === twoDimensional;
  const data = item.uint16('x00186014');
  if (!isPicture || (data !== tissue && data !== colourFlow)) return null;
  if (item.uint16('x00186024') !== centimetres || item.uint16('x00186026') !== centimetres) {
    return null;
  }
  const columnMm = 10 * Math.abs(item.double('x0018602c') ?? 0);
  const rowMm = 10 * Math.abs(item.double('x0018602e') ?? 0);
  if (!isLength(columnMm) || !isLength(rowMm)) return null;
  return {
    left: item.uint32('x00186018') ?? 0,
    top: item.uint32('x0018601a') ?? 0,
    // The last column and row belong to the region.
    right: (item.uint32('x0018601c') ?? 0) + 1,
    bottom: (item.uint32('x0018601e') ?? 0) + 1,
    spacing: { rowMm, columnMm },
    isTissue: data === tissue,
  };
}
