import type { Ellipse } from '../../operators/ellipse.js';
import type { GridSize } from '../../operators/image.js';
import { maskGrey } from '../../operators/mask-grey.js';
import { geometryOf, type MaskGeometry } from '../../operators/mask-measures.js';
import { presenceEvidence } from '../../operators/post-processing.js';
import { uncertaintyOf } from '../../operators/uncertainty.js';
import type { PredictionMeasures } from '../../store/records.js';
import type { At } from './image-in-hand.js';
import type { ServedModel } from './served-model.js';

interface MaskOnGrid {
  readonly mask: Uint8Array;
  readonly size: GridSize;
}

/**
 * What a row holds beside its mask, rounded to what can be told apart: all rows are read at a start.
 *
 * @param drawn on the original's grid
 * @param small the same at the network's size, where the image's pixels are
 */
export function measuresOf(
  { pixels, probabilities, presence }: At<'predicted'>,
  { postProcessing, temperature }: ServedModel,
  drawn: MaskOnGrid,
  small: MaskOnGrid,
): PredictionMeasures {
  const { inside, ring } = maskGrey(pixels.pixels, small.mask, small.size);
  const geometry = geometryOf(drawn.mask, drawn.size);
  return {
    geometry: geometry && roundedGeometry(geometry),
    grey: { inside: inside && rounded(inside), ring: ring && rounded(ring) },
    evidence:
      presence === undefined
        ? null
        : rounded(presenceEvidence(probabilities, postProcessing.threshold, presence), 5),
    uncertainty: rounded(
      uncertaintyOf(probabilities, small.size, postProcessing, presence, temperature),
      5,
    ),
  };
}

function roundedGeometry(geometry: MaskGeometry): MaskGeometry {
  const { centroid, ellipse } = geometry;
  return {
    ...geometry,
    centroid: { row: rounded(centroid.row), column: rounded(centroid.column) },
    ellipse: ellipse && roundedEllipse(ellipse),
  };
}

function roundedEllipse({ row, column, major, minor, angle }: Ellipse): Ellipse {
  return {
    row: rounded(row),
    column: rounded(column),
    major: rounded(major),
    minor: rounded(minor),
    angle: rounded(angle),
  };
}

function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
